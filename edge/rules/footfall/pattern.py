"""What is told of each measure of a day: found when it is first told, and kept for corrections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.rules.footfall.day import BusinessDay
from edge.rules.footfall.suppression import (
    NONE,
    Nodes,
    Sums,
    coarsest,
    splits_fit,
    sums_fit,
    tell_splits,
    tell_sums,
)
from edge.rules.footfall.tally import DWELL, RECOGNISED, TAPPED, Tally

BY_ZONE = " by zone"
ARRIVALS = "member_visits by arrival"
"""Recognised or tapped; below it the kinds of either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """The nodes that are told of each measure and of each split of one, for these zones."""

    zones: tuple[str, ...]
    told: Mapping[str, Nodes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A measure by itself, or, with ``parts``, the split of the one named ``of``."""

    name: str
    sums: Sums
    of: str = ""
    parts: Sequence[Sums] = ()


def pattern_of(
    day: BusinessDay, tally: Tally, least: int, before: Pattern | None = None
) -> Pattern:
    """What to tell of a day; of one that was told ``before``, no more than then."""
    zones = _zones(tally)
    before = before or Pattern(zones=zones, told={})
    told: dict[str, Nodes] = {}
    for line in _lines(day, tally):
        of = told[line.of] if line.parts else NONE
        if line.name.endswith(BY_ZONE) and before.zones != zones:
            told[line.name] = NONE  # with a zone more, the others would be other parts
        elif line.name not in before.told:
            told[line.name] = _first(day, line, of, least)
        else:
            told[line.name] = _again(day, line, of, before.told[line.name], least)
    return Pattern(zones=zones, told=told)


def whole_pattern(day: BusinessDay, tally: Tally) -> Pattern:
    """Everything, of sums that noise protects."""
    every = frozenset(range(len(day.starts)))
    return Pattern(zones=_zones(tally), told={line.name: every for line in _lines(day, tally)})


def _zones(tally: Tally) -> tuple[str, ...]:
    return tuple(sorted({*tally.traffic_in, *tally.traffic_out, *tally.visits}))


def _first(day: BusinessDay, line: _Line, of: Nodes, least: int) -> Nodes:
    if line.parts:
        return tell_splits(day, of, line.sums, line.parts, least)
    return tell_sums(day, line.sums, least)


def _again(day: BusinessDay, line: _Line, of: Nodes, told: Nodes, least: int) -> Nodes:
    """The same again where it still hides what is small, or the day alone, or nothing."""
    for pattern in (told, coarsest(line.sums, told, least)):
        if line.parts and splits_fit(day, of, pattern, line.sums, line.parts, least):
            return pattern
        if not line.parts and sums_fit(day, line.sums, pattern, least):
            return pattern
    return NONE


def _lines(day: BusinessDay, tally: Tally) -> Iterator[_Line]:
    """Every measure that is known, each before its splits."""
    for name, zones in (("traffic_in", tally.traffic_in), ("traffic_out", tally.traffic_out)):
        if zones:
            yield from _by_zone(day, name, [counted.counts for counted in zones.values()])
    yield from _by_zone(day, "member_visits", list(tally.visits.values()))
    dwell = [day.sums(tally.kinds[name]) for name in DWELL]
    yield _Line(name="dwell", of="member_visits", sums=_total(dwell), parts=dwell)
    recognised = [day.sums(tally.kinds[name]) for name in RECOGNISED]
    tapped = [day.sums(tally.kinds[name]) for name in TAPPED]
    both = [_total(recognised), _total(tapped)]
    yield _Line(name=ARRIVALS, of="member_visits", sums=_total(both), parts=both)
    yield _Line(name="recognised", of=ARRIVALS, sums=both[0], parts=recognised)
    yield _Line(name="tapped", of=ARRIVALS, sums=both[1], parts=tapped)
    yield _Line(name="alerts_refused", sums=day.sums(tally.kinds["alerts_refused"]))
    if tally.sales is not None:
        yield _Line(name="transactions", sums=day.sums(tally.sales.counts))


def _by_zone(day: BusinessDay, name: str, zones: Sequence[Sequence[int]]) -> Iterator[_Line]:
    parts = [day.sums(counts) for counts in zones]
    yield _Line(name=name, sums=_total(parts))
    yield _Line(name=name + BY_ZONE, of=name, sums=_total(parts), parts=parts)


def _total(parts: Sequence[Sums]) -> Sums:
    return [sum(column) for column in zip(*parts, strict=True)]
