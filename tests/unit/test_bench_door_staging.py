"""Who comes when at the benchmark's doors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.cast import Person
from edge.bench.staging import LEAD_S, Stage, stage
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
