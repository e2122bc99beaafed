"""Who is this, or nobody: a wrong answer here names a stranger or a member who was refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Candidate, Nobody, Recognised, Sighting
from edge.rules.identity import Thresholds, look_alikes, recognise, same_person, similarity

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
THRESHOLDS = Thresholds(score=0.47, margin=0.04)
MEMBERS = st.sampled_from("ABCDEF")
SCORES = st.floats(min_value=-1, max_value=1)
CANDIDATES = st.lists(st.builds(Candidate, member_id=MEMBERS, score=SCORES), max_size=8)
REFUSED = st.frozensets(MEMBERS)


def sighting(*candidates: Candidate, shots: int = 3, quality: float = 0.9) -> Sighting:
    return Sighting(
        camera_id="door",
        track_id="t1",
        first_seen_at=NOON,
        seen_at=NOON,
        shots=shots,
        quality=quality,
        candidates=candidates,
    )


SIGHTINGS = st.builds(
    lambda candidates, shots, quality: sighting(*candidates, shots=shots, quality=quality),
    CANDIDATES,
    st.integers(1, 5),
    st.floats(0, 1),
)


def scored(**scores: float) -> Sighting:
    return sighting(*(Candidate(member_id=m, score=s) for m, s in scores.items()))


def test_a_clear_best_is_recognised_with_its_lead() -> None:
    recognition = recognise(scored(A=0.60, B=0.30), THRESHOLDS)
    assert recognition == Recognised(member_id="A", score=0.60, margin=pytest.approx(0.30))


def test_without_candidates_there_is_no_gallery() -> None:
    assert recognise(scored(), THRESHOLDS) is Nobody.NO_GALLERY


def test_a_stranger_stays_nobody() -> None:
    assert recognise(scored(A=0.46, B=0.10), THRESHOLDS) is Nobody.BELOW_THRESHOLD


def test_two_members_too_alike_are_nobody() -> None:
    assert recognise(scored(A=0.60, B=0.57), THRESHOLDS) is Nobody.TOO_CLOSE_TO_CALL


def test_a_second_template_of_the_best_is_no_runner_up() -> None:
    seen = sighting(Candidate(member_id="A", score=0.60), Candidate(member_id="A", score=0.59))
    assert isinstance(recognise(seen, THRESHOLDS), Recognised)


def test_a_tie_names_nobody_even_without_a_margin() -> None:
    no_margin = replace(THRESHOLDS, margin=0.0)
    assert recognise(scored(A=0.6, B=0.6), no_margin) is Nobody.TOO_CLOSE_TO_CALL


def test_a_lone_poor_shot_needs_more_than_fused_shots() -> None:
    fused = scored(A=0.48)
    assert isinstance(recognise(fused, THRESHOLDS), Recognised)
    assert recognise(replace(fused, shots=1, quality=0.1), THRESHOLDS) is Nobody.BELOW_THRESHOLD
    assert isinstance(recognise(replace(fused, shots=1, quality=1.0), THRESHOLDS), Recognised)


@given(st.integers(1, 6), st.floats(0, 1), st.integers(0, 6), st.floats(0, 1))
def test_better_or_more_shots_never_need_a_higher_score(
    shots: int, quality: float, more: int, better: float
) -> None:
    seen = sighting(shots=shots, quality=quality)
    after = replace(seen, shots=shots + more, quality=max(quality, better))
    assert THRESHOLDS.score <= THRESHOLDS.least_score(after) <= THRESHOLDS.least_score(seen)


def test_the_runner_up_of_a_refused_member_is_named_only_on_its_own_strength() -> None:
    refused = frozenset("A")
    assert recognise(scored(A=0.60, B=0.49), THRESHOLDS, refused) is Nobody.REFUSED
    passed = recognise(scored(A=0.60, B=0.56), THRESHOLDS, refused)
    assert isinstance(passed, Recognised)
    assert passed.member_id == "B"
    assert recognise(scored(A=0.60, B=0.56, C=0.54), THRESHOLDS, refused) is Nobody.REFUSED


def test_a_refusal_further_down_takes_nothing_from_the_best() -> None:
    assert isinstance(recognise(scored(A=0.48, B=0.47), THRESHOLDS, frozenset("B")), Recognised)


@given(SIGHTINGS, REFUSED)
def test_a_refused_member_is_never_named(seen: Sighting, refused: frozenset[str]) -> None:
    recognition = recognise(seen, THRESHOLDS, refused)
    assert not isinstance(recognition, Recognised) or recognition.member_id not in refused


@given(SIGHTINGS, REFUSED)
def test_nobody_is_named_below_the_threshold_or_within_the_margin(
    seen: Sighting, refused: frozenset[str]
) -> None:
    recognition = recognise(seen, THRESHOLDS, refused)
    if isinstance(recognition, Recognised):
        assert recognition.score >= THRESHOLDS.least_score(seen)
        others = [
            c.score
            for c in seen.candidates
            if c.member_id != recognition.member_id and c.member_id not in refused
        ]
        assert all(recognition.score - other >= THRESHOLDS.margin for other in others)


@given(SIGHTINGS, REFUSED, st.randoms())
def test_the_order_of_candidates_does_not_matter(
    seen: Sighting, refused: frozenset[str], random: Random
) -> None:
    shuffled = list(seen.candidates)
    random.shuffle(shuffled)
    assert recognise(replace(seen, candidates=tuple(shuffled)), THRESHOLDS, refused) == recognise(
        seen, THRESHOLDS, refused
    )


@given(SIGHTINGS, REFUSED, st.floats(0, 0.5))
def test_a_higher_score_never_loses_a_recognition(
    seen: Sighting, refused: frozenset[str], more: float
) -> None:
    before = recognise(seen, THRESHOLDS, refused)
    if not isinstance(before, Recognised):
        return
    raised = tuple(
        replace(c, score=c.score + more) if c.member_id == before.member_id else c
        for c in seen.candidates
    )
    after = recognise(replace(seen, candidates=raised), THRESHOLDS, refused)
    assert isinstance(after, Recognised)
    assert after.member_id == before.member_id


@given(SIGHTINGS, REFUSED)
def test_whoever_follows_a_refused_leader_clears_the_threshold_by_the_margin(
    seen: Sighting, refused: frozenset[str]
) -> None:
    recognition = recognise(seen, THRESHOLDS, refused)
    if isinstance(recognition, Recognised) and any(
        c.member_id in refused and c.score > recognition.score for c in seen.candidates
    ):
        assert recognition.score >= THRESHOLDS.least_score(seen) + THRESHOLDS.margin


def test_look_alikes_are_others_near_the_threshold_the_likest_first() -> None:
    candidates = scored(A=0.9, B=0.42, C=0.55, D=0.40).candidates
    assert look_alikes("A", candidates, THRESHOLDS) == ("C", "B")


def test_a_photo_must_agree_with_the_nearest_earlier_template() -> None:
    def unit(*values: float) -> bytes:
        vector = np.array(values, dtype="<f4")
        return (vector / np.linalg.norm(vector)).astype("<f4").tobytes()

    ahead, near, aside = unit(1, 0), unit(1, 0.5), unit(0, 1)
    assert similarity(ahead, ahead) == pytest.approx(1.0)
    assert same_person(ahead, [], THRESHOLDS)
    assert same_person(near, [ahead, aside], THRESHOLDS)
    assert not same_person(aside, [ahead], THRESHOLDS)


CHECKED = replace(THRESHOLDS, bona_fide=0.5)


@given(SIGHTINGS, st.none() | st.floats(0, 1), REFUSED)
def test_a_check_never_names_anyone_whom_the_scores_do_not(
    seen: Sighting, bona_fide: float | None, refused: frozenset[str]
) -> None:
    checked = recognise(replace(seen, bona_fide=bona_fide), CHECKED, refused)
    unchecked = recognise(seen, THRESHOLDS, refused)
    if not isinstance(unchecked, Recognised):
        assert checked == unchecked
    elif bona_fide is None:
        assert checked is Nobody.UNCHECKED
    else:
        assert checked == (unchecked if bona_fide >= 0.5 else Nobody.PRESENTATION_ATTACK)


@given(SIGHTINGS, st.none() | st.floats(0, 1))
def test_without_a_check_it_does_not_matter_what_was_seen(
    seen: Sighting, bona_fide: float | None
) -> None:
    assert recognise(replace(seen, bona_fide=bona_fide), THRESHOLDS) == recognise(seen, THRESHOLDS)
