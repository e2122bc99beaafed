"""Small counts: what is shown beside a total says nothing about what is hidden."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.cells import FEW, LEAST, Cell, cell, known, rough, share, total

COUNTS = st.lists(st.integers(0, 40), max_size=30)


@given(st.integers(0, 10**9))
def test_one_to_nine_are_few_and_nobody_is_nobody(count: int) -> None:
    assert cell(count) == (FEW if 1 <= count <= 9 else count)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_hides_the_part_and_the_rest(part: int, rest: int) -> None:
    shown = share(part, part + rest)
    if part + rest == 0:
        assert shown is None
    elif 0 < part < LEAST or 0 < rest < LEAST:
        assert shown is FEW
    else:
        assert shown == part / (part + rest)


@given(COUNTS)
def test_a_total_is_whole_or_leaves_out_all_that_is_hidden(counts: list[int]) -> None:
    hidden = [count for count in counts if cell(count) is FEW]
    shown = total(counts)
    if shown.left_out:
        assert (shown.count, shown.left_out) == (sum(counts) - sum(hidden), len(hidden))
    else:
        assert shown.count == sum(counts)


@pytest.mark.parametrize("parts", [1, 2, 3, 4])
def test_who_subtracts_learns_nothing_about_any_part(parts: int) -> None:
    """Every value stays possible for every hidden part: all sums are tried, by hand."""
    small = range(1, LEAST)
    for hidden in product(small, repeat=parts):
        shown = total([*hidden, 50])
        if shown.left_out:
            continue
        remainder = shown.count - 50
        possible = {first for first in small if _reaches(remainder - first, parts - 1)}
        assert possible == set(small), hidden


def _reaches(rest: int, parts: int) -> bool:
    return parts <= rest <= parts * (LEAST - 1)


def test_one_small_part_alone_is_never_in_the_total() -> None:
    assert total([120, 7]) == total([120, 3])
    assert total([120, 7]).left_out == 1


@given(st.lists(st.integers(0, 99) | st.just(FEW) | st.none(), max_size=20))
def test_what_is_known_follows_from_the_shown_cells_alone(cells: list[Cell]) -> None:
    numbers = [value for value in cells if isinstance(value, int)]
    assert known(cells).count == sum(numbers)
    assert known(cells).left_out == len(cells) - len(numbers)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_a_rough_share_is_the_same_for_ten_more_or_fewer(part: int, rest: int) -> None:
    """Who knows one side learns the other to no better than ten; at an end, that it is little."""
    shown = rough(part, part + rest)
    if not isinstance(shown, float):
        assert part + rest < 200
        return
    alike = [other for other in range(6000) if rough(part, part + other) == shown]
    assert rest in alike
    assert alike[-1] - alike[0] >= LEAST or 0.0 in (shown, 1 - shown)
