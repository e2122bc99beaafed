"""What a day of the store holds, summed by quarter: visits, people counted, sales.

A visit counts in the quarter in which it began, with all that came of it later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge.domain import ArrivedBy, Claim, Visit
from edge.rules.footfall.day import QUARTER, BusinessDay

UNPLACED = ""
"""Where a visit began that no camera or scanner placed: a guide's phone."""
DWELL_UP_TO = (
    ("dwell_under_5_min", timedelta(minutes=5)),
    ("dwell_5_to_15_min", timedelta(minutes=15)),
    ("dwell_15_to_30_min", timedelta(minutes=30)),
    ("dwell_30_to_60_min", timedelta(minutes=60)),
    ("dwell_over_60_min", timedelta.max),
)
DWELL_OPEN = "dwell_open"
_TAPPED = {
    ArrivedBy.CODE: "arrivals_code",
    ArrivedBy.PHONE: "arrivals_phone",
    ArrivedBy.GUIDE: "arrivals_guide",
}
RECOGNISED = ("alerts_confirmed", "alerts_unanswered")
TAPPED = tuple(_TAPPED.values())
DWELL = (*(name for name, _ in DWELL_UP_TO), DWELL_OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """One number a quarter; ``measured`` are the quarters in which somebody counted."""

    counts: tuple[int, ...]
    measured: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The sums of a day's quarters, by number from 0.

    ``traffic_in`` and ``traffic_out`` by zone, as far as it counts; ``visits`` by zone, those of
    no zone under ``UNPLACED``; ``kinds`` by what came of a visit: each of ``RECOGNISED``,
    ``TAPPED``, ``DWELL`` and ``alerts_refused``. ``greetings_s`` are the seconds from each alert to
    its confirmation. ``sales`` is None where the store does not know its sales.
    """

    traffic_in: Mapping[str, Counted]
    traffic_out: Mapping[str, Counted]
    visits: Mapping[str, Sequence[int]]
    kinds: Mapping[str, Sequence[int]]
    greetings_s: Sequence[Sequence[int]]
    sales: Counted | None = None


def tally(
    day: BusinessDay,
    visits: Iterable[Visit],
    *,
    absence_s: float,
    zones: Iterable[str] = (),
    traffic_in: Mapping[str, Mapping[datetime, int]] | None = None,
    traffic_out: Mapping[str, Mapping[datetime, int]] | None = None,
    sold_at: Iterable[datetime] | None = None,
) -> Tally:
    """Sum up the visits that began on a day, and what was counted and sold.

    ``zones`` are those of the store's devices; ``absence_s`` is after how long a visit closes by
    itself. Traffic is by zone and start of the quarter.
    """
    sums = _Sums(len(day.quarters), zones)
    for visit in visits:
        sums.add(visit, _number(day, visit.opened_at), absence_s)
    sales = None if sold_at is None else _sales(day, sold_at)
    return Tally(
        traffic_in={zone: _counted(day, told) for zone, told in (traffic_in or {}).items()},
        traffic_out={zone: _counted(day, told) for zone, told in (traffic_out or {}).items()},
        visits=sums.visits,
        kinds=sums.kinds,
        greetings_s=sums.greetings_s,
        sales=sales,
    )


@dataclass(slots=True)
class _Sums:
    """The visits of a day, while they are being added up."""

    quarters: int
    zones: Iterable[str]
    visits: dict[str, list[int]] = field(init=False)
    kinds: dict[str, list[int]] = field(init=False)
    greetings_s: list[list[int]] = field(init=False)

    def __post_init__(self) -> None:
        names = (*RECOGNISED, *TAPPED, *DWELL, "alerts_refused")
        self.visits = {zone: [0] * self.quarters for zone in (*self.zones, UNPLACED)}
        self.kinds = {name: [0] * self.quarters for name in names}
        self.greetings_s = [[] for _ in range(self.quarters)]

    def add(self, visit: Visit, quarter: int, absence_s: float) -> None:
        """What a guide refused was an alert, and no visit of a member; nor is one whose claim
        went with the consent.
        """
        if visit.claim is Claim.REFUSED:
            by_guide = visit.answered_at is not None and visit.answered_at == visit.closed_at
            self.kinds["alerts_refused"][quarter] += by_guide
            return
        self.visits.setdefault(visit.place, [0] * self.quarters)[quarter] += 1
        self.kinds[_kind(visit)][quarter] += 1
        self.kinds[_dwell(visit, absence_s)][quarter] += 1
        if _kind(visit) == "alerts_confirmed" and visit.answered_at is not None:
            waited = visit.answered_at - visit.opened_at
            self.greetings_s[quarter].append(max(0, round(waited.total_seconds())))


def _kind(visit: Visit) -> str:
    if visit.arrived_by is not ArrivedBy.FACE:
        return _TAPPED[visit.arrived_by]
    return "alerts_confirmed" if visit.answered_at is not None else "alerts_unanswered"


def _dwell(visit: Visit, absence_s: float) -> str:
    """From the first sign of a member to the last, or to the moment a guide saw them leave."""
    if visit.closed_at is None:
        return DWELL_OPEN
    by_itself = visit.closed_at - visit.last_seen_at >= timedelta(seconds=absence_s)
    stayed = (visit.last_seen_at if by_itself else visit.closed_at) - visit.opened_at
    return next(name for name, most in DWELL_UP_TO if stayed < most)


def _number(day: BusinessDay, at: datetime) -> int:
    return (at - day.starts_at) // QUARTER


def _counted(day: BusinessDay, told: Mapping[datetime, int]) -> Counted:
    counts = [0] * len(day.quarters)
    for starts_at, count in told.items():
        counts[_number(day, starts_at)] += count
    measured = frozenset(_number(day, starts_at) for starts_at in told)
    return Counted(counts=tuple(counts), measured=measured)


def _sales(day: BusinessDay, sold_at: Iterable[datetime]) -> Counted:
    counts = [0] * len(day.quarters)
    for at in sold_at:
        counts[_number(day, at)] += 1
    return Counted(counts=tuple(counts), measured=frozenset(range(len(counts))))
