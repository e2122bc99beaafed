"""The threshold from a gallery's own scores: too low names strangers, too high finds nobody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.calibration import (
    FURTHEST,
    TopScores,
    prior_threshold,
    threshold,
)

PRIOR = TopScores(members=90, median=0.336, upper=0.392, deviation=0.10)
SCORES = st.lists(st.floats(-1, 1), max_size=60)
MEMBERS = st.integers(0, 2_000_000)
FPIRS = st.floats(1e-5, 0.1)


def top_scores(people: int, members: int, seed: int = 3) -> np.ndarray:
    """Each of many people's best of ``members`` normal scores, deviation 0.10, mean 0.04."""
    rng = np.random.default_rng(seed)
    return np.array([rng.normal(0.04, 0.10, members).max() for _ in range(people)])


@given(SCORES, MEMBERS, FPIRS)
def test_threshold_stays_near_what_is_expected_of_the_pack(
    scores: list[float], members: int, fpir: float
) -> None:
    found = threshold(scores, members, PRIOR, fpir)
    assert abs(found - prior_threshold(PRIOR, members, fpir)) <= FURTHEST + 1e-9


@given(SCORES, MEMBERS, FPIRS, FPIRS)
def test_fewer_strangers_allowed_never_lowers_the_threshold(
    scores: list[float], members: int, one: float, other: float
) -> None:
    few, many = sorted((one, other))
    assert threshold(scores, members, PRIOR, few) >= threshold(scores, members, PRIOR, many) - 1e-9


@given(MEMBERS, MEMBERS, FPIRS)
def test_a_larger_gallery_is_never_expected_to_ask_less(one: int, other: int, fpir: float) -> None:
    small, large = sorted((one, other))
    assert prior_threshold(PRIOR, small, fpir) <= prior_threshold(PRIOR, large, fpir) + 1e-9


@given(SCORES, MEMBERS, st.floats(0, 0.5))
def test_scores_that_are_all_higher_never_lower_the_threshold(
    scores: list[float], members: int, higher: float
) -> None:
    raised = [score + higher for score in scores]
    before, after = (threshold(s, members, PRIOR, 0.001) for s in (scores, raised))
    assert after >= before - 1e-9


@pytest.mark.parametrize("members", [0, 1, 10])
def test_gallery_that_says_nothing_leans_on_the_pack(members: int) -> None:
    assert threshold([], members, PRIOR, 0.001) == prior_threshold(PRIOR, members, 0.001)


@pytest.mark.parametrize(("members", "fpir"), [(300, 0.01), (1000, 0.01), (1000, 0.001)])
def test_about_the_share_asked_for_of_strangers_exceeds_it(members: int, fpir: float) -> None:
    """The members of a gallery and 20,000 strangers drawn from one population."""
    found = threshold(top_scores(members, members), members, PRIOR, fpir)
    share = float((top_scores(20_000, members, seed=8) > found).mean())
    assert share < 3 * fpir


def test_one_pair_of_twins_among_many_moves_it_by_next_to_nothing() -> None:
    scores = top_scores(300, 300)
    twins = np.concatenate([scores[:-2], [0.99, 0.99]])
    before, after = (threshold(s, 300, PRIOR, 0.001) for s in (scores, twins))
    assert abs(after - before) < 0.01
