"""Someone comes in: a face at the door, or a code, a phone number or a guide who knows them.

Load, decide by ``rules.identity``, ``rules.guard`` and ``rules.visit``, one transaction for
visit, outbox and audit, commit, tell the phones. A face that names nobody leaves a count in
memory and nothing else. While a member is in view, ``last_seen_at`` is written at most every
``WRITE_EVERY`` and at the visit's end; memory holds it in between. A crash loses that much of
it, never a visit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge.config import StoreConfig
from edge.domain import (
    ArrivedBy,
    Member,
    MemberChanged,
    Nobody,
    Recognised,
    Recognition,
    Session,
    Sighting,
    Visit,
    VisitChanged,
    VisitClosed,
    VisitDetails,
    VisitOpened,
)
from edge.errors import NotFound
from edge.feed import Feed
from edge.flows.attacks import Attacks
from edge.flows.cards import visit_details
from edge.flows.guards import Guards, learn_who
from edge.flows.matching_lease import MatchingLease
from edge.flows.member_codes import Named
from edge.flows.memory import Memory
from edge.flows.records import record_arrival, record_end
from edge.flows.thresholds import CurrentThresholds
from edge.metrics import Metrics
from edge.rules import visit as rules
from edge.rules.guard import heed
from edge.rules.identity import recognise
from edge.rules.visit import Arrival, Extended, Opened, Raised
from edge.store import Reader, Store, Transaction

WRITE_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A typed arrival; ``opened`` is False where the visit was open already."""

    details: VisitDetails
    opened: bool


class Arrivals:
    """Opens and extends visits, and closes them after absence.

    ``places`` names each camera's place; ``memory`` is shared with ``Answers``.
    """

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        thresholds: CurrentThresholds,
        absence_s: float,
        places: Mapping[str, str],
        shop: StoreConfig,
        metrics: Metrics,
        guards: Guards,
        memory: Memory,
        attacks: Attacks,
        lease: MatchingLease,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._thresholds = thresholds
        self._absence_s = absence_s
        self._places = places
        self._shop = shop
        self._metrics = metrics
        self._tz = ZoneInfo(shop.timezone)
        self._guards = guards
        self._memory = memory
        self._attacks = attacks
        self._lease = lease

    @property
    def counts(self) -> dict[str, int]:
        """How many sightings ended how since the start; no identities."""
        return self._metrics.decisions

    # --- signs of a member ---------------------------------------------------------------

    async def saw(self, sighting: Sighting) -> None:
        """A camera saw a face: open or extend the visit of the member it possibly is."""
        recognition = await self._decide(sighting)
        self._metrics.decided(recognition, self._clock() - sighting.seen_at)
        if recognition is Nobody.PRESENTATION_ATTACK:
            await self._attacks.met(sighting, self._memory.claims.of(sighting.track_id))
        if not isinstance(recognition, Recognised):
            return
        arrival = Arrival(
            member_id=recognition.member_id,
            arrived_by=ArrivedBy.FACE,
            place=self._places.get(sighting.camera_id, sighting.camera_id),
            seen_at=sighting.seen_at,
        )
        if await self._already_known(arrival):
            return
        arrived = await self._arrive(arrival, track_id=sighting.track_id)
        if arrived is not None and arrived.opened:
            self._metrics.alerted(self._clock() - sighting.seen_at)

    async def _decide(self, sighting: Sighting) -> Recognition:
        """Whom the sighting possibly shows, with the care that this member asks for.

        The claim is on record before the store is asked: a "not them" meanwhile counts for it.
        """
        if self._lease.rests:
            return Nobody.MATCHING_RESTS
        refused = self._memory.claims.refused(sighting.track_id)
        thresholds = self._thresholds.now
        recognition = recognise(sighting, thresholds, refused)
        if not isinstance(recognition, Recognised):
            return recognition
        self._memory.claims.add(sighting.track_id, recognition.member_id)
        care = await self._guards.caution(recognition.member_id)
        return heed(recognition, sighting, thresholds, care, refused)

    def track_ended(self, track_id: str) -> None:
        """The face left the picture; what was remembered about its track is forgotten."""
        self._memory.claims.forget(track_id)

    async def typed(
        self,
        guide: Session,
        *,
        member_id: str | None = None,
        code: str | None = None,
        phone: str | None = None,
    ) -> Arrived:
        """A guide says that a member is here, by exactly one of the three.

        Right after this phone's "not them" it also says who it was that the door mistook.
        Raises ``BadRequest`` for none or several, ``NotFound`` for nobody of ours, ``Conflict``
        for a card that does not hold, and ``TooManyTries`` where a phone guesses at codes.
        """
        named = Named(member_id=member_id, code=code, phone=phone)
        find, arrived_by = self._finder(named, guide.id)
        return await self._come(find, arrived_by, guide=guide)

    async def scanned(self, scanner_id: str, code: str, place: str) -> Arrived:
        """A scanner of the shop read a member's code. Raises ``NotFound``, ``Conflict``."""
        find, arrived_by = self._finder(Named(code=code), scanner_id)
        return await self._come(find, arrived_by, place=place)

    # --- time ------------------------------------------------------------------------------

    async def sweep(self) -> int:
        """Close visits after absence; returns how many."""
        now = self._clock()

        def absent(stays: list[Visit]) -> list[Visit]:
            known = map(self._memory.last_seen.of, stays)
            return [visit for visit in known if rules.absent(visit, now, self._absence_s)]

        def story(tx: Transaction) -> list[str]:
            leaving = absent(tx.visits.all_open())
            for visit in leaving:
                record_end(tx, visit, store_id=self._shop.id, now=now)
            return [visit.id for visit in leaving]

        stays = await self._store.read(lambda reader: reader.visits.all_open())
        self._memory.last_seen.keep({visit.id for visit in stays})
        if not absent(stays):
            return 0
        closed = await self._store.write(story)
        for visit_id in closed:
            self._feed.publish(VisitClosed(visit_id=visit_id))
        return len(closed)

    async def now_in_store(self) -> list[VisitDetails]:
        """The open visits, the latest arrival first."""
        now = self._clock()

        def question(reader: Reader) -> list[VisitDetails]:
            stays = map(self._memory.last_seen.of, reader.visits.all_open())
            return [self._details(reader, visit, now) for visit in stays]

        found = await self._store.read(question)
        return sorted(found, key=lambda details: details.visit.opened_at, reverse=True)

    # --- how it is done ----------------------------------------------------------------------

    async def _already_known(self, arrival: Arrival) -> bool:
        """Whether a sighting only extends a visit written lately; then memory keeps it."""

        def question(reader: Reader) -> Visit | None:
            if reader.consents.active_of(arrival.member_id) is None:
                return None
            return reader.visits.open_of(arrival.member_id)

        stored = await self._store.read(question)
        if stored is None or arrival.seen_at - stored.last_seen_at >= WRITE_EVERY:
            return False
        outcome = rules.arrive(self._memory.last_seen.of(stored), arrival)
        if isinstance(outcome, Extended):
            self._memory.last_seen.note(outcome.visit)
        return True

    async def _come(
        self,
        find: Callable[[Reader], Member | None],
        arrived_by: ArrivedBy,
        *,
        place: str = "",
        guide: Session | None = None,
    ) -> Arrived:
        """Look a member up and write that they are here."""
        member = await self._store.read(find)
        if member is None:
            raise NotFound("no member has this; check it, or search by name")
        arrival = Arrival(
            member_id=member.id, arrived_by=arrived_by, place=place, seen_at=self._clock()
        )
        arrived = await self._arrive(arrival, guide=guide)
        if arrived is None:
            raise NotFound("this member is no longer here; search again")
        return arrived

    async def _arrive(
        self, arrival: Arrival, *, guide: Session | None = None, track_id: str | None = None
    ) -> Arrived | None:
        """Write an arrival and tell the phones; None where the member may not be claimed."""
        now = self._clock()
        mistaken = self._memory.refusals.by(guide.id, now) if guide is not None else None

        def story(tx: Transaction) -> tuple[rules.Outcome, VisitDetails] | None:
            if track_id is not None and not self._may_claim(tx, track_id, arrival.member_id):
                return None
            outcome = rules.arrive(tx.visits.open_of(arrival.member_id), arrival)
            record_arrival(tx, outcome, guide=guide, store_id=self._shop.id, now=now)
            if guide is not None and mistaken is not None:
                learn_who(tx, mistaken, arrival.member_id, guide, now)
            return outcome, self._details(tx, outcome.visit, now)

        written = await self._store.write(story)
        if written is None:
            return None
        outcome, details = written
        self._memory.last_seen.forget(details.visit.id)
        if mistaken is not None:
            self._memory.refusals.forget(mistaken)
            for member_id in {mistaken.member_id, arrival.member_id}:
                self._feed.publish(MemberChanged(member_id=member_id))
        if isinstance(outcome, Opened):
            self._feed.publish(VisitOpened(details=details))
        elif isinstance(outcome, Raised):
            self._feed.publish(VisitChanged(details=details))
        return Arrived(details=details, opened=isinstance(outcome, Opened))

    def _finder(
        self, named: Named, device: str
    ) -> tuple[Callable[[Reader], Member | None], ArrivedBy]:
        return self._memory.member_codes.finder(named, device, self._clock(), self._shop)

    def _details(self, reader: Reader, visit: Visit, now: datetime) -> VisitDetails:
        return visit_details(reader, visit, now, self._tz, self._memory.look_alikes)

    def _may_claim(self, tx: Transaction, track_id: str, member_id: str) -> bool:
        """Asked inside the transaction: a withdrawal or a "not them" counts from its commit,
        even where vision has not heard of it yet."""
        if self._memory.claims.is_refused(track_id, member_id):
            return False
        return tx.consents.active_of(member_id) is not None
