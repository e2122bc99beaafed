"""Nobody works out a number that was hidden: attacked with everything that is told.

One attacker solves the linear relations for the least and the most that each hidden number can
be. The other knows the rule itself, and tries every day there could be.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog  # type: ignore[import-untyped]

from edge.rules.footfall.day import DAY, BusinessDay
from edge.rules.footfall.suppression import (
    Nodes,
    coarsest,
    is_small,
    splits_fit,
    sums_fit,
    tell_splits,
    tell_sums,
)

NEVER = datetime(2026, 3, 1, tzinfo=UTC)


def a_day(hours: int, quarters: int) -> BusinessDay:
    """A day of any shape: what is told depends on it alone."""
    first = 1 + hours
    children = [tuple(range(1, first))]
    children += [
        tuple(range(first + h * quarters, first + (h + 1) * quarters)) for h in range(hours)
    ]
    count = hours * quarters
    return BusinessDay(
        date=date(2026, 3, 1),
        starts=(NEVER,) * (first + count),
        ends=(NEVER,) * (first + count),
        children=(*children, *[()] * count),
        first_quarter=first,
    )


def all_sums(day: BusinessDay, parts: Sequence[Sequence[int]]) -> tuple[list[int], list[list[int]]]:
    of_parts = [day.sums(part) for part in parts]
    return [sum(column) for column in zip(*of_parts, strict=True)], of_parts


COUNTS = st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 60))


@st.composite
def days(draw: st.DrawFn) -> tuple[BusinessDay, list[list[int]], int]:
    """A day, the quarters of each of up to three parts, and from when on a count is not small."""
    day = a_day(draw(st.integers(2, 4)), draw(st.integers(2, 3)))
    count = len(day.quarters)
    size = draw(st.integers(1, 3))
    parts = [draw(st.lists(COUNTS, min_size=count, max_size=count)) for _ in range(size)]
    return day, parts, draw(st.integers(3, 10))


class Attack:
    """What a reader of the numbers can say of one more: linear programmes over the quarters."""

    def __init__(self, day: BusinessDay, parts: int) -> None:
        self.day, self.parts = day, parts
        self.count = len(day.quarters)
        self.equal: list[tuple[np.ndarray, int]] = []
        self.at_least_one: list[np.ndarray] = []
        self.grown = np.zeros((0, parts * self.count))

    def row(self, node: int, part: int | None = None) -> np.ndarray:
        row = np.zeros((self.parts, self.count))
        for quarter in leaves(self.day, node):
            row[slice(None) if part is None else part, quarter - self.day.first_quarter] = 1
        return row.ravel()

    def bounds(self, target: np.ndarray) -> tuple[int, int]:
        found = []
        less = np.array([-row for row in self.at_least_one]).reshape(-1, target.size)
        for sign in (1, -1):
            result = linprog(
                sign * target,
                A_eq=np.array([row for row, _ in self.equal]) if self.equal else None,
                b_eq=np.array([value for _, value in self.equal]) if self.equal else None,
                A_ub=np.vstack([less, self.grown]),
                b_ub=np.concatenate([-np.ones(len(less)), np.zeros(len(self.grown))]),
            )
            found.append(10**6 if result.status == 3 else round(sign * result.fun))
        return found[0], found[1]


def leaves(day: BusinessDay, node: int) -> Iterator[int]:
    if not day.children[node]:
        yield node
    for child in day.children[node]:
        yield from leaves(day, child)


def attack(
    day: BusinessDay, sums: list[int], parts: list[list[int]], told: Nodes, split: Nodes
) -> Attack:
    attacker = Attack(day, len(parts))
    for node in told:
        attacker.equal.append((attacker.row(node), sums[node]))
        hidden = set(day.children[node]) - told
        if hidden != set(day.children[node]):  # then a hidden one is known not to be empty
            attacker.at_least_one += [attacker.row(child) for child in hidden]
    for node, (part, values) in itertools.product(split, enumerate(parts)):
        attacker.equal.append((attacker.row(node, part), values[node]))
    return attacker


@settings(deadline=None, max_examples=60)
@given(shop=days())
def test_no_hidden_number_can_be_worked_out_from_those_that_are_told(
    shop: tuple[BusinessDay, list[list[int]], int],
) -> None:
    day, quarters, least = shop
    sums, parts = all_sums(day, quarters)
    told = tell_sums(day, sums, least)
    split = tell_splits(day, told, sums, parts, least)
    attacker = attack(day, sums, parts, told, split)
    for node in range(len(sums)):
        if node not in told:
            low, high = attacker.bounds(attacker.row(node))
            assert high - low >= least - 1 or sums[node] == 0, (node, low, high)
        if node not in split and len(parts) > 1:
            for number, part in enumerate(parts):
                low, high = attacker.bounds(attacker.row(node, number))
                assert high > low or part[node] == 0, (node, number, low, high)


@settings(deadline=None)
@given(shop=days())
def test_nothing_small_is_told_and_everything_is_where_nothing_is_small(
    shop: tuple[BusinessDay, list[list[int]], int],
) -> None:
    day, quarters, least = shop
    sums, parts = all_sums(day, quarters)
    told = tell_sums(day, sums, least)
    split = tell_splits(day, told, sums, parts, least)
    assert not [node for node in told if is_small(sums[node], least)]
    assert not [node for node in split for part in parts if is_small(part[node], least)]
    assert sums_fit(day, sums, told, least)
    assert splits_fit(day, told, split, sums, parts, least)
    if not any(is_small(value, least) for part in parts for value in part):
        assert len(split) == len(told) == len(sums)


@settings(deadline=None, max_examples=40)
@given(shop=days(), late=st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_two_revisions_together_tell_no_hidden_number(
    shop: tuple[BusinessDay, list[list[int]], int], late: list[int]
) -> None:
    """To one who knows that a correction only added, what was hidden before and after is open."""
    day, quarters, least = shop
    earlier = quarters[0]
    later = [count + more for count, more in zip(earlier, late, strict=False)]
    sums, (before, after) = all_sums(day, [earlier, later])
    told = tell_sums(day, before, least)
    again = told if sums_fit(day, after, told, least) else coarsest(after, told, least)
    assert again <= told
    attacker = Attack(day, 2)
    attacker.equal += [(attacker.row(node, 0), before[node]) for node in told]
    attacker.equal += [(attacker.row(node, 1), after[node]) for node in again]
    attacker.grown = np.hstack([np.eye(len(earlier)), -np.eye(len(earlier))])
    for node in set(range(len(sums))) - told:
        for revision, numbers in enumerate((before, after)):
            low, high = attacker.bounds(attacker.row(node, revision))
            assert high > low or numbers[node] == 0, (node, revision, low, high)


@pytest.mark.parametrize(
    ("hours", "quarters", "most", "least"),
    [(3, 1, 12, 3), (3, 1, 13, 4), (4, 1, 8, 3), (4, 1, 7, 4), (2, 2, 7, 3)],
)
def test_not_even_one_who_knows_the_rule_learns_a_hidden_number(
    hours: int, quarters: int, most: int, least: int
) -> None:
    """Every day there could be, by what is told of it: each hidden number has several values."""
    day = a_day(hours, quarters)
    worlds: dict[tuple[int | None, ...], list[set[int]]] = {}
    for counts in itertools.product(range(most + 1), repeat=len(day.quarters)):
        sums = day.sums(counts)
        told = tell_sums(day, sums, least)
        key = tuple(sums[node] if node in told else None for node in range(len(sums)))
        possible = worlds.setdefault(key, [set() for _ in sums])
        for values, number in zip(possible, sums, strict=True):
            values.add(number)
    for key, possible in worlds.items():
        if (key[DAY] or 0) <= most:  # then every day like it was tried
            for value, values in zip(key, possible, strict=True):
                assert value is not None or len(values) > 1, key


@pytest.mark.parametrize(("hours", "most", "least"), [(2, 9, 3), (3, 4, 3)])
def test_not_even_one_who_knows_the_rule_learns_a_hidden_part(
    hours: int, most: int, least: int
) -> None:
    """Every two zones there could be: a part that is hidden has several values, or is nobody."""
    day = a_day(hours, 1)
    worlds: dict[tuple[object, ...], list[set[int]]] = {}
    for counts in itertools.product(range(most + 1), repeat=2 * hours):
        sums, parts = all_sums(day, [counts[:hours], counts[hours:]])
        told = tell_sums(day, sums, least)
        split = tell_splits(day, told, sums, parts, least)
        key = (
            *(sums[node] if node in told else None for node in range(len(sums))),
            *(
                tuple(p[node] for p in parts) if node in split else None
                for node in range(len(sums))
            ),
        )
        for values, number in zip(
            worlds.setdefault(key, [set() for _ in sums]), parts[0], strict=True
        ):
            values.add(number)
    for key, possible in worlds.items():
        if isinstance(key[DAY], int) and key[DAY] <= most:  # then every day like it was tried
            for split_here, values in zip(key[len(possible) :], possible, strict=True):
                assert split_here is not None or len(values) > 1 or values == {0}, key


def test_a_small_quarter_takes_the_least_of_its_neighbours_with_it() -> None:
    day = a_day(1, 4)
    sums = day.sums([12, 40, 3, 15])
    assert tell_sums(day, sums, 10) == {DAY, 1, 3, 5}


def test_hours_without_anybody_are_told() -> None:
    day = a_day(4, 2)
    sums = day.sums([0, 0, 20, 20, 30, 3, 0, 0])
    assert {1, 2, 4} <= tell_sums(day, sums, 10)


def test_a_day_that_is_small_is_hidden_with_all_its_hours() -> None:
    day = a_day(3, 2)
    assert tell_sums(day, day.sums([0, 0, 4, 0, 0, 5]), 10) == frozenset()


def test_a_store_less_its_zones_is_as_well_hidden() -> None:
    """Three people in a zone: the zones of that hour are hidden, and those of a second hour."""
    day = a_day(3, 1)
    front, side = day.sums([30, 40, 50]), day.sums([3, 20, 30])
    sums = [a + b for a, b in zip(front, side, strict=True)]
    told = tell_sums(day, sums, 10)
    split = tell_splits(day, told, sums, [front, side], 10)
    assert told == set(range(7))
    assert DAY in split
    assert 1 not in split
    assert 2 not in split
    assert 3 in split
