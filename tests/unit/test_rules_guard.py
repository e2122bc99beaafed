"""Guards: a wrong answer names the wrong person twice, or shuts a member out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import (
    ArrivedBy,
    Candidate,
    Claim,
    Guard,
    Nobody,
    Recognised,
    Recognition,
    Sighting,
    Visit,
)
from edge.rules.guard import (
    FRESH,
    LASTS,
    LASTS_PAIR,
    LEAD,
    STEP,
    STEPS_MAX,
    Caution,
    caution,
    guard_alone,
    guard_pair,
    heed,
    misled,
    superseded,
)
from edge.rules.identity import Thresholds, recognise

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + FRESH
THRESHOLDS = Thresholds(score=0.47, margin=0.04)
MEMBERS = st.sampled_from("ABCDE")
SCORES = st.floats(min_value=-1, max_value=1)
MINUTES = st.integers(0, 60 * 24 * 200)


def sighting(scores: dict[str, float], shots: int = 3) -> Sighting:
    return Sighting(
        camera_id="door",
        track_id="t1",
        first_seen_at=NOON,
        seen_at=NOON,
        shots=shots,
        quality=1.0,
        candidates=tuple(Candidate(member_id=m, score=s) for m, s in scores.items()),
    )


SIGHTINGS = st.builds(sighting, st.dictionaries(MEMBERS, SCORES, max_size=5), st.integers(1, 4))
REFUSALS = st.lists(st.tuples(MEMBERS, st.none() | MEMBERS, MINUTES), max_size=12)


def learnt(refusals: list[tuple[str, str | None, int]]) -> list[Guard]:
    """The guards that are left after these mistakes, as the flow keeps them."""
    held: list[Guard] = []
    for named, really, minutes in sorted(refusals, key=lambda refusal: refusal[2]):
        now = NOON + timedelta(minutes=minutes)
        if really is None or really == named:
            new = guard_alone(named, by="Ana", now=now)
        else:
            new = guard_pair(named, really, by="Ana", now=now)
        gone = superseded(new, held)
        held = [guard for guard in held if guard not in gone] + [new]
    return held


def decide(seen: Sighting, guards: list[Guard], now: datetime) -> Recognition:
    recognition = recognise(seen, THRESHOLDS)
    if not isinstance(recognition, Recognised):
        return recognition
    return heed(recognition, seen, THRESHOLDS, caution(recognition.member_id, guards, (), now))


# --- what a guard asks ---------------------------------------------------------------------


def test_a_guard_asks_a_step_more_and_a_second_one_a_second_step() -> None:
    one = guard_alone("A", by="Ana", now=NOON)
    two = guard_alone("A", by="Ana", now=NOON)
    nearly, enough = sighting({"A": 0.47 + STEP - 0.001}), sighting({"A": 0.47 + STEP + 0.001})
    assert decide(nearly, [one], LATER) is Nobody.GUARDED
    assert isinstance(decide(enough, [one], LATER), Recognised)
    assert decide(enough, [one, two], LATER) is Nobody.GUARDED
    assert isinstance(decide(sighting({"A": 0.56}), [one, two], LATER), Recognised)


def test_right_after_the_mistake_one_guard_counts_as_all() -> None:
    guard = guard_alone("A", by="Ana", now=NOON)
    seen = sighting({"A": 0.47 + STEP + 0.001})
    assert decide(seen, [guard], LATER - timedelta(seconds=1)) is Nobody.GUARDED
    assert isinstance(decide(seen, [guard], LATER), Recognised)


def test_a_pair_asks_for_more_lead_between_the_two_and_of_nobody_else() -> None:
    pair = guard_pair("A", "B", by="Ana", now=NOON)
    assert decide(sighting({"A": 0.60, "B": 0.45}), [pair], LATER) is Nobody.GUARDED
    assert decide(sighting({"B": 0.60, "A": 0.45}), [pair], LATER) is Nobody.GUARDED
    assert isinstance(decide(sighting({"A": 0.60, "B": 0.43}), [pair], LATER), Recognised)
    assert isinstance(decide(sighting({"A": 0.60, "C": 0.53}), [pair], LATER), Recognised)
    assert isinstance(decide(sighting({"A": 0.48}), [pair], LATER), Recognised)


def test_the_rival_of_a_pair_is_found_behind_a_runner_up() -> None:
    pair = guard_pair("A", "C", by="Ana", now=NOON)
    seen = sighting({"A": 0.60, "B": 0.55, "C": 0.54})
    assert decide(seen, [pair], LATER) is Nobody.GUARDED


def test_look_alikes_ask_for_the_same_lead_without_any_mistake() -> None:
    seen = sighting({"A": 0.60, "B": 0.53})
    recognition = recognise(seen, THRESHOLDS)
    assert heed(recognition, seen, THRESHOLDS, caution("A", (), "B", NOON)) is Nobody.GUARDED
    assert heed(recognition, seen, THRESHOLDS, caution("A", (), "C", NOON)) == recognition


def test_a_rival_who_was_refused_on_this_track_is_none_any_more() -> None:
    seen, refused = sighting({"A": 0.53, "B": 0.60}), frozenset("B")
    recognition = recognise(seen, THRESHOLDS, refused)
    care = Caution(against=frozenset("B"))
    assert heed(recognition, seen, THRESHOLDS, care, refused) == recognition


def test_a_lone_shot_needs_its_own_extra_and_the_step() -> None:
    guard = guard_alone("A", by="Ana", now=NOON)
    seen = replace(sighting({"A": 0.52}, shots=1), quality=0.5)
    assert isinstance(decide(seen, [], LATER), Recognised)
    assert decide(seen, [guard], LATER) is Nobody.GUARDED


# --- properties --------------------------------------------------------------------------------


@given(SIGHTINGS, REFUSALS, MINUTES)
def test_guards_only_hold_back(
    seen: Sighting, refusals: list[tuple[str, str | None, int]], minutes: int
) -> None:
    """Removing the guards restores the decision; nobody is named because of one."""
    now = NOON + timedelta(minutes=minutes)
    without = recognise(seen, THRESHOLDS)
    assert decide(seen, [], now) == without
    guarded = decide(seen, learnt(refusals), now)
    assert guarded == without or guarded is Nobody.GUARDED
    assert guarded == without or isinstance(without, Recognised)


@given(SIGHTINGS, REFUSALS, MINUTES)
def test_nobody_is_named_nearer_than_a_guard_allows(
    seen: Sighting, refusals: list[tuple[str, str | None, int]], minutes: int
) -> None:
    now, guards = NOON + timedelta(minutes=minutes), learnt(refusals)
    named = decide(seen, guards, now)
    if not isinstance(named, Recognised):
        return
    about = [g for g in guards if now < g.ends_at and named.member_id in (g.member_id, g.other_id)]
    alone = [guard for guard in about if guard.other_id is None]
    assert named.score >= THRESHOLDS.least_score(seen) + STEP * len(alone)
    rivals = {guard.beside(named.member_id) for guard in about} - {None}
    for candidate in seen.candidates:
        if candidate.member_id in rivals:
            assert named.score - candidate.score >= THRESHOLDS.margin + LEAD


@given(SIGHTINGS, REFUSALS, MINUTES, st.randoms())
def test_neither_the_order_of_guards_nor_of_a_pair_matters(
    seen: Sighting, refusals: list[tuple[str, str | None, int]], minutes: int, random: Random
) -> None:
    now, guards = NOON + timedelta(minutes=minutes), learnt(refusals)
    turned = [
        replace(guard, member_id=guard.other_id, other_id=guard.member_id)
        if guard.other_id is not None and random.random() < 0.5
        else guard
        for guard in guards
    ]
    random.shuffle(turned)
    assert decide(seen, turned, now) == decide(seen, guards, now)


@given(SIGHTINGS, REFUSALS)
def test_no_sequence_of_refusals_shuts_a_member_out_for_ever(
    seen: Sighting, refusals: list[tuple[str, str | None, int]]
) -> None:
    last = NOON + timedelta(minutes=max((minutes for *_, minutes in refusals), default=0))
    guards = learnt(refusals)
    assert decide(seen, guards, last + LASTS_PAIR) == recognise(seen, THRESHOLDS)
    alone = [guard for guard in guards if guard.other_id is None]
    assert decide(seen, alone, last + LASTS) == recognise(seen, THRESHOLDS)


@given(REFUSALS, MINUTES)
def test_a_clear_view_of_a_member_is_always_enough(
    refusals: list[tuple[str, str | None, int]], minutes: int
) -> None:
    clear = sighting({"A": THRESHOLDS.score + STEPS_MAX * STEP, "B": 0.3, "C": 0.2})
    now = NOON + timedelta(minutes=minutes)
    assert isinstance(decide(clear, learnt(refusals), now), Recognised)


@given(REFUSALS)
def test_guards_stay_few(refusals: list[tuple[str, str | None, int]]) -> None:
    guards = learnt(refusals)
    for member in "ABCDE":
        alone = [g for g in guards if g.member_id == member and g.other_id is None]
        assert len(alone) <= STEPS_MAX
    pairs = [frozenset((g.member_id, g.other_id)) for g in guards if g.other_id is not None]
    assert len(pairs) == len(set(pairs))


# --- what teaches --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrived_by", "claim", "teaches"),
    [
        (ArrivedBy.FACE, Claim.POSSIBLE, True),
        (ArrivedBy.FACE, Claim.CONFIRMED, True),
        (ArrivedBy.FACE, Claim.CERTAIN, False),
        (ArrivedBy.CODE, Claim.CERTAIN, False),
    ],
)
def test_only_a_face_can_have_been_wrong(
    arrived_by: ArrivedBy, claim: Claim, teaches: bool
) -> None:
    visit = Visit(
        id="v",
        member_id="A",
        arrived_by=arrived_by,
        claim=claim,
        place="",
        opened_at=NOON,
        last_seen_at=NOON,
    )
    assert misled(visit) is teaches
