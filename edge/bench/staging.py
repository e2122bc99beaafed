"""What each camera of the door benchmark shows, and when.

People come one by one with pauses between them, and now and then two side by side (both
members or both strangers, so that a wrong name can be laid at a stranger's door). The clip
begins and ends with an empty shop; the end is there to measure what an idle door costs. Or, for
the pipeline that is measured as fast as it runs, somebody is in view a third of the time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path

from edge.bench.cast import Person
from edge.demo.approach import FPS, Approach, Truth, drawn
from edge.demo.clip import render
from edge.demo.people import figures_of

LEAD_S = 5.0
"""Empty shop before the first person: the gateway starts, the phone connects."""
PAUSE_S = (1.0, 3.0)
IDLE_S = 22.0
PAIR_SHARE = 0.2
"""Share of the comings that bring two people at once."""
ASIDE_M = 0.38
IN_VIEW = 1 / 3
"""Share of the time in which somebody is there, where a stage is set by time."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One approach as it was shown: whose, and by which camera."""

    camera_id: str
    person: str
    is_member: bool
    truth: Truth


@dataclass(frozen=True, slots=True)
class Play:
    """One camera's clip."""

    camera_id: str
    clip: Path
    frames: int
    last_end_frame: int
    walks: tuple[Walk, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """What one camera will show."""

    camera_id: str
    approaches: list[Approach]
    frames: int


def stage(
    members: list[Person], strangers: list[Person], streams: int, *, seed: int = 1
) -> list[Stage]:
    """Deal the people out to the cameras and give each a time; every clip is as long."""
    rng = random.Random(seed)
    names = [[person.name for person in people] for people in (members, strangers)]
    doors = [_walks([kind[index::streams] for kind in names], rng) for index in range(streams)]
    last = max((walk.end_frame for walks in doors for walk in walks), default=0)
    frames = last + round(IDLE_S * FPS)
    return [Stage(f"door-{index}", walks, frames) for index, walks in enumerate(doors, start=1)]


def _walks(kinds: list[list[str]], rng: random.Random) -> list[Approach]:
    approaches: list[Approach] = []
    now_s = LEAD_S
    for people in _comings(kinds, rng):
        for person, aside_m in zip(people, _asides(people), strict=True):
            start = round((now_s + rng.uniform(0.0, 0.3)) * FPS)
            approaches.append(drawn(rng, person, start, aside_m=aside_m))
        end = max(approach.end_frame for approach in approaches)
        now_s = end / FPS + rng.uniform(*PAUSE_S)
    return approaches


def stage_by_time(
    members: list[Person], strangers: list[Person], streams: int, seconds: float, *, seed: int = 1
) -> list[Stage]:
    """Let somebody be in view ``IN_VIEW`` of so many seconds after the lead, at every camera.

    Everybody comes once before anybody comes again.
    """
    rng = random.Random(seed)
    kinds = [[person.name for person in people] for people in (members, strangers)]
    queue = _in_turn(kinds, rng)
    frames = round((LEAD_S + seconds) * FPS)
    return [
        Stage(f"door-{index}", _spread(queue, frames, rng), frames)
        for index in range(1, streams + 1)
    ]


def _spread(queue: Iterator[list[str]], frames: int, rng: random.Random) -> list[Approach]:
    """Comings, each with so much empty time around it that it fills ``IN_VIEW`` of its time."""
    approaches: list[Approach] = []
    free = round(LEAD_S * FPS)
    while True:
        people = next(queue)
        coming = [
            drawn(rng, person, 0, aside_m=aside_m)
            for person, aside_m in zip(people, _asides(people), strict=True)
        ]
        lasts = max(approach.end_frame for approach in coming)
        before, after = (lasts * (1 / IN_VIEW - 1) * rng.uniform(0.4, 0.6) for _ in range(2))
        start = free + round(before)
        free = start + lasts + round(after)
        if start + lasts > frames:
            return approaches
        approaches += [replace(approach, start_frame=start) for approach in coming]


def _in_turn(kinds: list[list[str]], rng: random.Random) -> Iterator[list[str]]:
    """Members and strangers in turn, alone or in twos, and from the first again after the last."""
    waiting = [(kind, cycle(kind)) for kind in kinds]
    for kind, line in cycle(waiting):
        pair = len(kind) > 1 and rng.random() < PAIR_SHARE
        yield list(islice(line, 2 if pair else 1))


def _asides(people: list[str]) -> tuple[float, ...]:
    return (0.0,) if len(people) == 1 else (-ASIDE_M, ASIDE_M)


def _comings(kinds: list[list[str]], rng: random.Random) -> list[list[str]]:
    """Everyone once, alone or in twos of a kind, in a random order."""
    comings: list[list[str]] = []
    for kind in kinds:
        waiting = list(kind)
        while waiting:
            pair = len(waiting) > 1 and rng.random() < PAIR_SHARE
            comings.append([waiting.pop() for _ in range(2 if pair else 1)])
    rng.shuffle(comings)
    return comings


def film(
    staged: Stage,
    people: dict[str, Person],
    member_names: set[str],
    folder: Path,
    progress: Callable[[int, int], None],
) -> Play:
    """Render a camera's clip. Blocks for about as long as a sixth of it plays."""
    clip = folder / f"{staged.camera_id}.mp4"
    figures = figures_of(people[approach.person].shown for approach in staged.approaches)
    truths = render(
        clip, staged.approaches, figures, frames=staged.frames, seed=7, progress=progress
    )
    walks = tuple(
        Walk(staged.camera_id, truth.person, truth.person in member_names, truth)
        for truth in truths
    )
    end = max((truth.end_frame for truth in truths), default=0)
    return Play(staged.camera_id, clip, staged.frames, end, walks)
