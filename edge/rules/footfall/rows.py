"""The numbers of a day that are told, as rows of the contract: each interval of each zone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from edge.contract import WHOLE_STORE, FootfallRow, Measure, Period
from edge.rules.footfall.day import DAY, BusinessDay
from edge.rules.footfall.pattern import ARRIVALS, BY_ZONE, Pattern
from edge.rules.footfall.suppression import NONE, Nodes, Sums
from edge.rules.footfall.tally import DWELL_UP_TO, RECOGNISED, TAPPED, Counted, Tally

Cells = dict[Measure, int | None]
"""What was measured: a number, or None where it is hidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A measure of a zone. ``line`` names what the pattern tells of it."""

    zone: str
    measure: Measure
    line: str
    sums: Sums
    measured: Nodes

    def cell(self, node: int, pattern: Pattern) -> int | None:
        return self.sums[node] if node in pattern.told.get(self.line, NONE) else None


def rows(day: BusinessDay, tally: Tally, pattern: Pattern, store_id: str) -> list[FootfallRow]:
    """The rows of a day, quarters first, the store before its zones; of revision 0."""
    columns = list(_columns(day, tally))
    inside = _Inside.of(day, columns, pattern)
    zones = sorted({WHOLE_STORE, *pattern.zones})
    told = []
    for node in (*day.quarters, *day.hours, DAY):
        for zone in zones:
            cells = {
                column.measure: column.cell(node, pattern)
                for column in columns
                if column.zone == zone and node in column.measured
            }
            if zone == WHOLE_STORE:
                cells |= inside.cells(node) | _greeting(day, tally, pattern, node)
                cells |= _conversion(cells)
            told.append(_row(day, node, zone, store_id, cells))
    return told


def _row(day: BusinessDay, node: int, zone: str, store_id: str, cells: Cells) -> FootfallRow:
    period = Period.DAY if node == DAY else Period.HOUR if node in day.hours else Period.QUARTER
    return FootfallRow(
        store_id=store_id,
        zone=zone,
        period=period,
        starts_at=day.starts[node],
        ends_at=day.ends[node],
        revision=0,
        suppressed=tuple(name for name in Measure if name in cells and cells[name] is None),
        **{name.value: number for name, number in cells.items()},  # type: ignore[arg-type]
    )


# --- what adds up ---------------------------------------------------------------------------


def _columns(day: BusinessDay, tally: Tally) -> Iterator[_Column]:
    for measure, zones in (
        (Measure.TRAFFIC_IN, tally.traffic_in),
        (Measure.TRAFFIC_OUT, tally.traffic_out),
        (Measure.MEMBER_VISITS, _always(tally.visits)),
    ):
        yield from _of_zones(day, measure, zones)
    recognised = [sum(both) for both in zip(*(tally.kinds[n] for n in RECOGNISED), strict=True)]
    for line, counts in (
        (ARRIVALS, {Measure.ARRIVALS_RECOGNISED: recognised}),
        ("recognised", {Measure.ALERTS_CONFIRMED: tally.kinds["alerts_confirmed"]}),
        ("tapped", {Measure(name): tally.kinds[name] for name in TAPPED}),
        ("dwell", {Measure(name): tally.kinds[name] for name, _ in DWELL_UP_TO}),
        ("alerts_refused", {Measure.ALERTS_REFUSED: tally.kinds["alerts_refused"]}),
    ):
        for measure, numbers in counts.items():
            yield _column(day, WHOLE_STORE, measure, line, _measured(numbers))
    if tally.sales is not None:
        yield _column(day, WHOLE_STORE, Measure.TRANSACTIONS, "transactions", tally.sales)


def _of_zones(
    day: BusinessDay, measure: Measure, zones: Mapping[str, Counted]
) -> Iterator[_Column]:
    if not zones:
        return
    whole = Counted(
        counts=tuple(map(sum, zip(*(zone.counts for zone in zones.values()), strict=True))),
        measured=frozenset().union(*(zone.measured for zone in zones.values())),
    )
    yield _column(day, WHOLE_STORE, measure, measure.value, whole)
    for zone, counted in zones.items():
        if zone != WHOLE_STORE:
            yield _column(day, zone, measure, measure.value + BY_ZONE, counted)


def _column(day: BusinessDay, zone: str, measure: Measure, line: str, counted: Counted) -> _Column:
    """An interval was measured where one of its quarters was."""
    marks = day.sums([number in counted.measured for number in range(len(day.quarters))])
    return _Column(
        zone=zone,
        measure=measure,
        line=line,
        sums=day.sums(counted.counts),
        measured=frozenset(node for node, mark in enumerate(marks) if mark),
    )


def _always(zones: Mapping[str, Sequence[int]]) -> dict[str, Counted]:
    return {zone: _measured(counts) for zone, counts in zones.items()}


def _measured(counts: Sequence[int]) -> Counted:
    return Counted(counts=tuple(counts), measured=frozenset(range(len(counts))))


# --- what follows from what is told -------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inside:
    """How many were in the store at the end of each quarter, ``people[0]`` at its beginning.

    Told only where it follows from the traffic that is told: it tells nothing new of anybody.
    ``known`` are those moments; ``measured`` the nodes with traffic both ways.
    """

    day: BusinessDay
    people: Sequence[int]
    known: frozenset[int]
    measured: Nodes

    @classmethod
    def of(cls, day: BusinessDay, columns: Iterable[_Column], pattern: Pattern) -> _Inside:
        ways = {c.measure: c for c in columns if c.zone == WHOLE_STORE}
        came, left = ways.get(Measure.TRAFFIC_IN), ways.get(Measure.TRAFFIC_OUT)
        if came is None or left is None:
            return cls(day=day, people=(), known=NONE, measured=NONE)
        people = [0]
        for quarter in day.quarters:
            people.append(people[-1] + came.sums[quarter] - left.sums[quarter])
        known = [_moments(day, pattern.told.get(way.line, NONE)) for way in (came, left)]
        return cls(
            day=day,
            people=people,
            known=known[0] & known[1],
            measured=came.measured & left.measured,
        )

    def cells(self, node: int) -> Cells:
        """Faces that look away are not counted, so less than nobody is read as nobody."""
        if node not in self.measured:
            return {}
        begin, *ends = _bounds(self.day, node)
        at_end = max(0, self.people[ends[-1]]) if ends[-1] in self.known else None
        every = {begin, *ends} <= self.known
        peak = max(0, *(self.people[moment] for moment in (begin, *ends))) if every else None
        return {Measure.OCCUPANCY_END: at_end, Measure.OCCUPANCY_PEAK: peak}


def _moments(day: BusinessDay, told: Nodes) -> frozenset[int]:
    """The ends of quarters up to which the sum since midnight follows from sums that are told.

    A sum that is told ties its beginning to its end; these are the moments tied to midnight.
    """
    ties = [(bounds[0], bounds[-1]) for bounds in (_bounds(day, node) for node in told)]
    known, before = {0}, 0
    while len(known) > before:
        before = len(known)
        for begin, end in ties:
            if begin in known or end in known:
                known |= {begin, end}
    return frozenset(known)


def _bounds(day: BusinessDay, node: int) -> list[int]:
    """The moment at which a node begins and those at which its quarters end, as numbers."""
    numbers = _quarters(day, node)
    return [numbers[0], *(number + 1 for number in numbers)]


def _quarters(day: BusinessDay, node: int) -> list[int]:
    if node >= day.first_quarter:
        return [node - day.first_quarter]
    return [number for child in day.children[node] for number in _quarters(day, child)]


def _greeting(day: BusinessDay, tally: Tally, pattern: Pattern, node: int) -> Cells:
    """Hidden with the number of alerts confirmed: not even whether there were any is told."""
    if node not in pattern.told.get("recognised", NONE):
        return {Measure.GREETING_MEDIAN_S: None}
    waited = [s for number in _quarters(day, node) for s in tally.greetings_s[number]]
    return {Measure.GREETING_MEDIAN_S: round(median(waited))} if waited else {}


def _conversion(cells: Cells) -> Cells:
    if Measure.TRANSACTIONS not in cells or Measure.TRAFFIC_IN not in cells:
        return {}
    sold, came = cells[Measure.TRANSACTIONS], cells[Measure.TRAFFIC_IN]
    if sold is None or came is None:
        return {Measure.CONVERSION_PERMILLE: None}
    return {Measure.CONVERSION_PERMILLE: round(1000 * sold / came)} if came > 0 else {}
