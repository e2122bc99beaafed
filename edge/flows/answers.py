"""What guides say about a visit: it is them, it is not, they have left.

Load, decide by ``rules.visit``, one transaction for visit, outbox and audit, commit, tell the
phones. What a guide refused is held against the tracks in view before it is even written, so
that no sighting under way brings the visit back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.config import StoreConfig
from edge.domain import (
    Guard,
    MemberChanged,
    Session,
    Visit,
    VisitChanged,
    VisitClosed,
    VisitDetails,
)
from edge.errors import Conflict, NotFound
from edge.feed import Feed
from edge.flows.cards import visit_details
from edge.flows.guards import learn, learn_who
from edge.flows.memory import Memory
from edge.flows.records import record_answer, record_end
from edge.rules import visit as rules
from edge.store import Reader, Store, Transaction


class Answers:
    """Takes a guide's word on open visits, and learns from it. Shares ``memory`` with the rest."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        shop: StoreConfig,
        memory: Memory,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._shop = shop
        self._tz = ZoneInfo(shop.timezone)
        self._memory = memory

    async def answer(self, guide: Session, visit_id: str, *, confirmed: bool) -> VisitDetails:
        """A guide confirms a claim, or says "not them", which ends it for the tracks in view.

        "Not them" guards the member; "it's them" of a track that was taken for another member
        before makes of that one's guard one of the pair.
        Raises ``NotFound``, or ``Conflict`` for a visit that has ended.
        """
        now = self._clock()
        claimed = await self._store.read(lambda reader: _visit(reader, visit_id))
        if not confirmed:
            self._memory.claims.refuse(claimed.member_id)
        taken_for = (
            self._memory.claims.refused_beside(claimed.member_id) if confirmed else frozenset()
        )
        mistaken = self._memory.refusals.about(taken_for, now)

        def story(tx: Transaction) -> tuple[VisitDetails, Guard | None]:
            before = _visit(tx, visit_id)
            after = rules.answer(before, confirmed=confirmed, by=guide.guide_name, now=now)
            if after is None:
                raise Conflict("this visit has ended; nothing is left to answer")
            guard = None
            if after != before:
                actor = guide.guide_name
                record_answer(tx, after, actor=actor, store_id=self._shop.id, now=now)
                if not confirmed:
                    guard = learn(tx, before, guide, now)
                elif mistaken is not None:
                    learn_who(tx, mistaken, before.member_id, guide, now)
            return visit_details(tx, after, now, self._tz, self._memory.look_alikes), guard

        details, guard = await self._store.write(story)
        closed = VisitClosed(visit_id=visit_id)
        self._feed.publish(VisitChanged(details=details) if details.visit.open else closed)
        self._remember(guide, guard, mistaken)
        return details

    def _remember(self, guide: Session, guard: Guard | None, mistaken: Guard | None) -> None:
        """Keep a new guard until it is said who it was; forget the one of whom it was said."""
        if mistaken is not None:
            self._memory.refusals.forget(mistaken)
        if guard is not None:
            self._memory.refusals.note(guide.id, guard)
        for changed in filter(None, (guard, mistaken)):
            self._feed.publish(MemberChanged(member_id=changed.member_id))

    async def close(self, guide: Session, visit_id: str) -> None:
        """A guide says the member has left. Tracks in view do not bring the visit back.

        Raises ``NotFound``; a visit that has ended already stays as it is.
        """
        now = self._clock()
        leaving = await self._store.read(lambda reader: _visit(reader, visit_id))
        self._memory.claims.refuse(leaving.member_id)

        def story(tx: Transaction) -> bool:
            visit = _visit(tx, visit_id)
            if visit.open:
                tx.audit.append(
                    actor=guide.guide_name,
                    action="visit_closed",
                    subject=visit.member_id,
                    reason=f"visit {visit.id}",
                )
                record_end(tx, self._memory.last_seen.of(visit), store_id=self._shop.id, now=now)
            return visit.open

        if await self._store.write(story):
            self._feed.publish(VisitClosed(visit_id=visit_id))


def _visit(reader: Reader, visit_id: str) -> Visit:
    visit = reader.visits.get(visit_id)
    if visit is None:
        raise NotFound("there is no such visit; load the list again")
    return visit
