"""Someone comes in: a face at the door, or a code, a phone number or a guide who knows them.

Load, decide by ``rules.identity`` and ``rules.visit``, one transaction for visit, outbox and
audit, commit, tell the phones. A face that names nobody leaves a count in memory and nothing
else. A visit's ``last_seen_at`` is written at most every ``WRITE_EVERY`` while the member is
in view and again by the sweep: a crash loses that much of it, never the visit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge import contract
from edge.config import StoreConfig
from edge.domain import (
    ArrivedBy,
    Member,
    Recognised,
    Session,
    Sighting,
    Visit,
    VisitChanged,
    VisitClosed,
    VisitDetails,
    VisitOpened,
    new_id,
)
from edge.errors import BadRequest, Conflict, NotFound
from edge.feed import Feed
from edge.flows.cards import GATEWAY, SHOWN, VIEWED, visit_details
from edge.flows.claims import Claims
from edge.rules import visit as rules
from edge.rules.identity import Thresholds, recognise
from edge.rules.profile import normalise_phone
from edge.rules.visit import Arrival, Extended, Opened, Raised, Unchanged
from edge.store import Reader, Store, Transaction

WRITE_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A typed arrival; ``opened`` is False where the visit was open already."""

    details: VisitDetails
    opened: bool


class Arrivals:
    """Opens, extends, answers and closes visits. ``places`` names each camera's place."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        thresholds: Thresholds,
        absence_s: float,
        places: Mapping[str, str],
        shop: StoreConfig,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._thresholds = thresholds
        self._absence_s = absence_s
        self._places = places
        self._shop = shop
        self._tz = ZoneInfo(shop.timezone)
        self._claims = Claims()
        self._unwritten: dict[str, datetime] = {}
        self._counts: Counter[str] = Counter()

    @property
    def counts(self) -> dict[str, int]:
        """How many sightings ended how since the start; no identities."""
        return dict(self._counts)

    # --- signs of a member ---------------------------------------------------------------

    async def saw(self, sighting: Sighting) -> None:
        """A camera saw a face: open or extend the visit of the member it possibly is."""
        refused = self._claims.refused(sighting.track_id)
        recognition = recognise(sighting, self._thresholds, refused)
        if not isinstance(recognition, Recognised):
            self._counts[recognition] += 1
            return
        self._counts["recognised"] += 1
        self._claims.add(sighting.track_id, recognition.member_id)
        arrival = Arrival(
            member_id=recognition.member_id,
            arrived_by=ArrivedBy.FACE,
            place=self._places.get(sighting.camera_id, sighting.camera_id),
            seen_at=sighting.seen_at,
        )
        if not await self._already_known(arrival):
            await self._arrive(arrival, actor=GATEWAY, track_id=sighting.track_id)

    def track_ended(self, track_id: str) -> None:
        """The face left the picture; what was remembered about its track is forgotten."""
        self._claims.forget(track_id)

    async def typed(
        self,
        guide: Session,
        *,
        member_id: str | None = None,
        code: str | None = None,
        phone: str | None = None,
    ) -> Arrived:
        """A guide says that a member is here, by exactly one of the three.

        Raises ``BadRequest`` for none or several, ``NotFound`` for nobody of ours.
        """
        if sum(given is not None for given in (member_id, code, phone)) != 1:
            raise BadRequest("give one of member_id, code and phone")
        find, arrived_by = _finder(member_id, code, phone)
        member = await self._store.read(find)
        if member is None:
            raise NotFound("no member has this; check it, or search by name")
        arrival = Arrival(
            member_id=member.id, arrived_by=arrived_by, place="", seen_at=self._clock()
        )
        arrived = await self._arrive(arrival, actor=guide.guide_name)
        if arrived is None:
            raise NotFound("this member is no longer here; search again")
        return arrived

    # --- what guides say -------------------------------------------------------------------

    async def answer(self, guide: Session, visit_id: str, *, confirmed: bool) -> VisitDetails:
        """A guide confirms a claim, or says "not them", which ends it for the tracks in view.

        Raises ``NotFound``, or ``Conflict`` for a visit that has ended.
        """
        ...

    async def close(self, guide: Session, visit_id: str) -> None:
        """A guide says the member has left. Tracks in view do not bring the visit back."""
        ...

    # --- time ------------------------------------------------------------------------------

    async def sweep(self) -> int:
        """Write what was coalesced, close visits after absence; returns how many closed."""
        ...

    async def now_in_store(self) -> list[VisitDetails]:
        """The open visits, the latest arrival first."""
        ...
