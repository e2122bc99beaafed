"""Who comes when at the benchmark's doors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.cast import Person
from edge.bench.scoring import AFTER_S
from edge.bench.staging import IN_VIEW, LEAD_S, Stage, stage, stage_by_time
from edge.demo.approach import FPS, Box
from edge.demo.figure import Portrait

counts = st.integers(1, 12)


def people(kind: str, count: int) -> list[Person]:
    nothing = np.zeros((1, 1, 3), np.uint8)
    face = Box(x=0, y=0, width=1, height=1)
    names = [f"{kind}-{index}" for index in range(count)]
    return [Person(name, (), Portrait(person=name, pixels=nothing, face=face)) for name in names]


def staged(members: int, strangers: int, streams: int, seed: int) -> list[Stage]:
    return stage(people("member", members), people("stranger", strangers), streams, seed=seed)


@given(counts, counts, st.integers(1, 3), st.integers(0, 1000))
def test_everyone_approaches_once(members: int, strangers: int, streams: int, seed: int) -> None:
    stages = staged(members, strangers, streams, seed)
    shown = [approach.person for one in stages for approach in one.approaches]
    assert len(shown) == len(set(shown)) == members + strangers
    assert len(stages) == streams


@given(counts, counts, st.integers(0, 1000))
def test_people_who_are_in_view_together_are_of_one_kind(
    members: int, strangers: int, seed: int
) -> None:
    (one,) = staged(members, strangers, 1, seed)
    for earlier, later in pairwise(one.approaches):
        if later.start_frame < earlier.end_frame:
            assert earlier.person.split("-")[0] == later.person.split("-")[0]


@given(counts, counts, st.integers(0, 1000))
def test_every_door_is_empty_at_first_and_at_last(members: int, strangers: int, seed: int) -> None:
    doors = staged(members, strangers, 2, seed)
    walks = [walk for door in doors for walk in door.approaches]
    assert min(walk.start_frame for walk in walks) >= LEAD_S * FPS
    assert {door.frames for door in doors} == {doors[0].frames}
    assert max(walk.end_frame for walk in walks) + 10 * FPS < doors[0].frames


def by_time(members: int, strangers: int, streams: int, seconds: float, seed: int) -> list[Stage]:
    cast = people("member", members), people("stranger", strangers)
    return stage_by_time(*cast, streams, seconds, seed=seed)


@given(counts, counts, st.integers(0, 1000))
def test_somebody_is_in_view_a_third_of_the_time(members: int, strangers: int, seed: int) -> None:
    for one in by_time(members, strangers, 2, 600, seed):
        shown = {f for a in one.approaches for f in range(a.start_frame, a.end_frame)}
        assert abs(len(shown) / (600 * FPS) - IN_VIEW) < 0.03
        assert one.frames == (LEAD_S + 600) * FPS
        assert min(shown) >= LEAD_S * FPS
        assert max(shown) < one.frames


@given(counts, counts, st.integers(0, 1000))
def test_members_and_strangers_come_in_turn_and_everybody_before_anybody_again(
    members: int, strangers: int, seed: int
) -> None:
    (one,) = by_time(members, strangers, 1, 600, seed)
    shown = [approach.person for approach in one.approaches]
    for kind, count in (("member", members), ("stranger", strangers)):
        of_kind = [person for person in shown if person.startswith(kind)]
        assert abs(2 * len(of_kind) - len(shown)) <= 0.4 * len(shown)
        assert of_kind == [f"{kind}-{index % count}" for index in range(len(of_kind))]


@given(counts, counts, st.integers(0, 1000))
def test_comings_set_by_time_keep_apart(members: int, strangers: int, seed: int) -> None:
    (one,) = by_time(members, strangers, 1, 300, seed)
    for earlier, later in pairwise(one.approaches):
        if later.start_frame != earlier.start_frame:
            assert later.start_frame - earlier.end_frame > AFTER_S * FPS
        else:
            assert earlier.person.split("-")[0] == later.person.split("-")[0]
