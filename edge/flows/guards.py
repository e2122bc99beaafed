"""Learning from "not them": guards set, made more exact, shown, removed and ended.

A guide who says "not them" of an alert guards that member. Where the guide then says who it
was, the guard becomes one of the pair. Of the face itself nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from edge.domain import Guard, GuardDetails, MemberChanged, Session, Visit
from edge.errors import NotFound
from edge.feed import Feed
from edge.flows.look_alikes import LookAlikes
from edge.rules.guard import Caution, caution, guard_alone, guard_pair, in_force, misled, superseded
from edge.store import Reader, Store, Transaction

SET = "guard_set"
REMOVED = "guard_removed"


class Guards:
    """The care that members ask for, and the ways to be rid of it."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        look_alikes: LookAlikes,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._look_alikes = look_alikes

    async def caution(self, member_id: str) -> Caution:
        """What naming this member takes now."""
        held = await self._store.read(lambda reader: reader.guards.of(member_id))
        return caution(member_id, held, self._look_alikes.of(member_id), self._clock())

    async def all(self, manager: Session) -> list[GuardDetails]:
        """Every guard in force, the newest first; the look at it is audited."""
        now = self._clock()

        def story(tx: Transaction) -> list[GuardDetails]:
            found = guard_details(tx, tx.guards.all(), now)
            tx.audit.append(
                actor=manager.guide_name,
                action="guards_listed",
                subject=manager.id,
                reason=f"{len(found)} in force",
            )
            return found

        return await self._store.write(story)

    async def remove(self, guide: Session, guard_id: str) -> None:
        """Decide again as if the guide had not said it. Raises ``NotFound``."""

        def story(tx: Transaction) -> Guard:
            guard = tx.guards.get(guard_id)
            if guard is None:
                raise NotFound("this guard has ended or was removed; open the card again")
            drop(tx, guard, actor=guide.guide_name, why="removed by hand")
            return guard

        self._tell([await self._store.write(story)])

    async def end_overdue(self) -> int:
        """Remove the guards whose time is over; returns how many."""
        now = self._clock()
        everything = await self._store.read(lambda reader: reader.guards.all())
        if len(in_force(everything, now)) == len(everything):
            return 0
        ended = await self._store.write(lambda tx: tx.guards.purge(now))
        self._tell(ended)
        return len(ended)

    def _tell(self, guards: list[Guard]) -> None:
        for member_id in {m for guard in guards for m in (guard.member_id, guard.other_id) if m}:
            self._feed.publish(MemberChanged(member_id=member_id))


def learn(tx: Transaction, refused: Visit, guide: Session, now: datetime) -> Guard | None:
    """Guard the member whom the door named wrongly; None where no face was at fault.

    ``refused`` is the visit as it was before the answer.
    """
    if not misled(refused) or tx.consents.active_of(refused.member_id) is None:
        return None
    guard = guard_alone(refused.member_id, by=guide.guide_name, now=now)
    return _set(tx, guard, f"visit {refused.id} refused")


def learn_who(
    tx: Transaction, guard: Guard, member_id: str, guide: Session, now: datetime
) -> Guard | None:
    """A guide says who it was that the door named wrongly; the guard that then holds.

    The same member after all: the "not them" was a slip, and its guard goes. Somebody without
    a consent in force is nothing to the door, so the guard stays as it is: the likeness of a
    face that nobody may recognise is not written down.
    """
    if tx.guards.get(guard.id) is None:
        return None
    if member_id == guard.member_id:
        drop(tx, guard, actor=guide.guide_name, why="it was them after all")
        return None
    if tx.consents.active_of(member_id) is None:
        return guard
    drop(tx, guard, actor=guide.guide_name, why="it is known who it was")
    pair = guard_pair(guard.member_id, member_id, by=guide.guide_name, now=now)
    return _set(tx, pair, f"taken for each other, {member_id}")


def drop(tx: Transaction, guard: Guard, *, actor: str, why: str) -> None:
    """Remove a guard, with its audit entry."""
    tx.guards.remove(guard.id)
    reason = f"guard {guard.id} {why}"
    tx.audit.append(actor=actor, action=REMOVED, subject=guard.member_id, reason=reason)


def guard_details(reader: Reader, guards: list[Guard], now: datetime) -> list[GuardDetails]:
    """The guards in force with their members."""
    found = []
    for guard in in_force(guards, now):
        member = reader.members.get(guard.member_id)
        other = reader.members.get(guard.other_id) if guard.other_id else None
        if member is not None:
            found.append(GuardDetails(guard=guard, member=member, other=other))
    return found


def _set(tx: Transaction, guard: Guard, why: str) -> Guard:
    for older in superseded(guard, tx.guards.of(guard.member_id)):
        tx.guards.remove(older.id)
    tx.guards.put(guard)
    reason = f"guard {guard.id}, {why}"
    tx.audit.append(actor=guard.set_by, action=SET, subject=guard.member_id, reason=reason)
    return guard
