"""Which shots of a track are embedded, and what they say together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Candidate
from edge.vision.shots import (
    ENOUGH_TO_NAME,
    ENOUGH_TO_PASS,
    FAR,
    GROWN,
    MAX_SHOTS,
    MIN_QUALITY,
    MUCH_BETTER,
    SPACING_S,
    SURE,
    BestShots,
    Shot,
)

LONG_S = SPACING_S * 2**MAX_SHOTS
WIDTH_PX = 60.0
DICE = np.random.default_rng(3)


def direction(*, near: np.ndarray | None = None, spread: float = 1.0) -> np.ndarray:
    vector = DICE.normal(size=128) * spread + (0 if near is None else near)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def taken(qualities: list[float]) -> BestShots:
    shots = BestShots()
    for number, quality in enumerate(qualities):
        shots.add(Shot(direction(), quality, WIDTH_PX), number * LONG_S)
    return shots


def test_the_first_usable_shot_is_wanted_at_once() -> None:
    assert BestShots().wants(MIN_QUALITY)
    assert BestShots().due(0.0, WIDTH_PX)


def test_a_useless_shot_is_never_wanted() -> None:
    assert not BestShots().wants(MIN_QUALITY - 0.01)
    assert not taken([0.5]).wants(MIN_QUALITY - 0.01, check=True)


def test_neighbouring_frames_are_not_both_embedded() -> None:
    shots = taken([0.5])
    assert not shots.due(SPACING_S / 2, WIDTH_PX)
    assert not shots.due(SPACING_S / 2, WIDTH_PX, check=True)
    assert not shots.due(SPACING_S / 2, 2 * WIDTH_PX)
    assert shots.due(SPACING_S, WIDTH_PX)


def test_shots_spread_over_the_approach() -> None:
    shots, at = BestShots(), []
    for frame in range(15 * 10):
        if shots.due(frame / 15, WIDTH_PX) and shots.wants(0.9):
            shots.add(Shot(direction(), 0.9, WIDTH_PX), frame / 15)
            at.append(frame / 15)
    assert len(at) == MAX_SHOTS
    assert at[1] - at[0] < 0.3
    assert at[-1] > 3


def test_somebody_who_comes_nearer_is_not_kept_waiting() -> None:
    shots = taken([0.5] * 4)
    soon_s = 3 * LONG_S + SPACING_S
    assert not shots.due(soon_s, (GROWN - 0.05) * WIDTH_PX)
    assert shots.due(soon_s, (GROWN + 0.05) * WIDTH_PX)


def test_a_full_set_takes_only_what_is_clearly_better() -> None:
    shots = taken([0.5] * MAX_SHOTS)
    assert not shots.wants(0.55)
    assert shots.wants(0.6)


def test_a_doubted_track_is_checked_even_when_its_set_is_full() -> None:
    assert taken([0.9] * MAX_SHOTS).wants(0.3, check=True)


def test_the_poorest_shot_makes_room() -> None:
    shots = taken([0.2, *[0.5] * (MAX_SHOTS - 1)])
    shots.add(Shot(direction(), 0.6, WIDTH_PX), 99.0)
    assert len(shots) == MAX_SHOTS
    assert not shots.wants(0.55), "0.2 is gone, so 0.55 is no longer clearly better"


def test_another_face_does_not_agree_with_the_track() -> None:
    face = direction()
    shots = BestShots()
    shots.add(Shot(face, 0.5, WIDTH_PX), 0.0)
    assert shots.agrees(direction(near=face, spread=0.05), 0.24)
    assert not shots.agrees(-face, 0.24)


def test_several_shots_are_nearer_to_the_face_than_one() -> None:
    face = direction()
    blurred = [direction(near=face, spread=0.08) for _ in range(MAX_SHOTS)]
    shots = BestShots()
    for shot in blurred:
        shots.add(Shot(shot, 0.5, WIDTH_PX), 0.0)
    assert float(shots.probe() @ face) > max(float(shot @ face) for shot in blurred)


def test_a_better_shot_weighs_more() -> None:
    good, poor = direction(), direction()
    shots = BestShots()
    shots.add(Shot(good, 0.9, WIDTH_PX), 0.0)
    shots.add(Shot(poor, 0.2, WIDTH_PX), 1.0)
    assert float(shots.probe() @ good) > float(shots.probe() @ poor)


def test_a_track_without_a_shot_has_no_probe() -> None:
    with pytest.raises(ValueError, match="no probe"):
        BestShots().probe()


@given(st.lists(st.floats(0.0, 1.0), max_size=200))
def test_a_long_stay_costs_few_embeddings_and_keeps_a_unit_probe(qualities: list[float]) -> None:
    shots, embedded = BestShots(), 0
    for number, quality in enumerate(qualities):
        if shots.due(number * LONG_S, WIDTH_PX) and shots.wants(quality):
            shots.add(Shot(direction(), quality, WIDTH_PX), number * LONG_S)
            embedded += 1
    # Each replacement raises the poorest shot by 15 %, from 0.15 to 1 at most 14 times each.
    assert embedded <= MAX_SHOTS * 15
    if embedded:
        assert np.linalg.norm(shots.probe()) == pytest.approx(1.0, abs=1e-5)


# --- shots that cannot change the decision -----------------------------------------------

THRESHOLD = 0.5


def candidates(**scores: float) -> list[Candidate]:
    """One a member, best first; several templates of a member are several candidates."""
    found = [Candidate(member_id=name.rstrip("_"), score=score) for name, score in scores.items()]
    return sorted(found, key=lambda candidate: -candidate.score)


def settled(shots: BestShots) -> bool:
    return not shots.due(MAX_SHOTS * LONG_S, WIDTH_PX)


def test_a_track_that_is_surely_a_members_is_photographed_no_more() -> None:
    shots = taken([0.4] * ENOUGH_TO_NAME)
    shots.weigh(candidates(ada=THRESHOLD + SURE, bea=0.2, ada_=THRESHOLD + SURE), THRESHOLD)
    assert settled(shots)
    assert not shots.wants(0.4 * MUCH_BETTER - 0.01)
    assert shots.wants(0.4 * MUCH_BETTER), "a clearly better shot still counts"


def test_a_track_that_is_surely_nobodys_is_photographed_no_more() -> None:
    shots = taken([0.4] * ENOUGH_TO_PASS)
    shots.weigh(candidates(ada=THRESHOLD - FAR - 0.01), THRESHOLD)
    assert settled(shots)


@pytest.mark.parametrize(
    ("count", "scores"),
    [
        (ENOUGH_TO_NAME - 1, {"ada": 0.9}),
        (ENOUGH_TO_NAME, {"ada": 0.9, "twin": 0.85}),
        (ENOUGH_TO_NAME, {"ada": THRESHOLD + SURE / 2}),
        (ENOUGH_TO_PASS - 1, {"ada": 0.1}),
        (ENOUGH_TO_PASS, {"ada": THRESHOLD - FAR / 2}),
        (ENOUGH_TO_PASS, {}),
    ],
)
def test_a_track_in_doubt_is_photographed_further(count: int, scores: dict[str, float]) -> None:
    shots = taken([0.4] * count)
    shots.weigh(candidates(**scores), THRESHOLD)
    assert not settled(shots)


def test_a_settled_track_that_may_have_changed_its_person_is_photographed_at_once() -> None:
    shots = taken([0.4] * ENOUGH_TO_NAME)
    shots.weigh(candidates(ada=0.9), THRESHOLD)
    assert shots.due(ENOUGH_TO_NAME * LONG_S, WIDTH_PX, check=True)
    assert shots.wants(0.2, check=True)


def test_a_settled_face_is_judged_again_only_when_it_has_grown_again() -> None:
    shots = taken([0.4] * ENOUGH_TO_NAME)
    shots.weigh(candidates(ada=0.9), THRESHOLD)
    at_s, width_px = MAX_SHOTS * LONG_S, GROWN * WIDTH_PX
    assert shots.due(at_s, width_px)
    shots.consider(at_s, width_px)
    assert not shots.due(at_s + LONG_S, width_px)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(MIN_QUALITY, 1)), min_size=1, max_size=20))
def test_checks_are_fused_and_each_further_one_moves_the_answer_towards_itself(
    checks: list[tuple[float, float]],
) -> None:
    shots = BestShots()
    assert shots.bona_fide is None
    for score, quality in checks:
        before = shots.bona_fide
        shots.checked(score, quality)
        after = shots.bona_fide
        assert after is not None
        assert min(score if before is None else before, score) - 1e-9 <= after
        if before is not None:
            assert abs(after - score) <= abs(before - score) + 1e-9


def test_a_face_that_must_be_checked_is_photographed_soon_however_poor_the_shot() -> None:
    shots = taken([0.9] * MAX_SHOTS)
    at_s = (MAX_SHOTS - 1) * LONG_S + SPACING_S
    assert not shots.due(at_s, WIDTH_PX)
    assert not shots.wants(0.5)
    shots.check_next()
    assert shots.due(at_s, WIDTH_PX)
    assert shots.wants(0.5)
    assert not shots.wants(MIN_QUALITY - 0.01)
    shots.add(Shot(direction(), 0.5, WIDTH_PX), at_s)
    assert not shots.wants(0.5)


def test_a_face_that_may_be_a_picture_is_never_settled_however_sure_the_name() -> None:
    sure = [Candidate(member_id="ada", score=0.9)]
    person, picture = taken([0.9] * 3), taken([0.9] * 3)
    person.checked(0.95, 0.9)
    picture.checked(0.3, 0.9)
    for shots in (person, picture):
        shots.weigh(sure, 0.5)
    late_s = 100 * LONG_S
    assert not person.due(late_s, WIDTH_PX)
    assert picture.due(late_s, WIDTH_PX)
