"""The walk that is rendered and the truth about it: what a wrong geometry would break."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from edge.demo.approach import FPS, USABLE_PX, WIDTH_PX, Approach, drawn, truth

seeds = st.integers(0, 10_000)
ASIDE = st.sampled_from((0.0, -0.45, 0.45))


@given(seeds, ASIDE)
def test_a_person_grows_from_far_to_near(seed: int, aside_m: float) -> None:
    approach = drawn(random.Random(seed), "ada", 7, aside_m=aside_m)
    frames = range(7, 7 + int(approach.walk_s * FPS))
    widths = [pose.width_px for frame in frames if (pose := approach.pose(frame))]
    assert len(widths) == len(frames)
    assert widths == sorted(widths)
    assert abs(widths[0] - approach.far_px) < 0.5
    assert widths[-1] <= approach.near_px


@given(seeds, ASIDE)
def test_an_approach_lasts_as_long_as_a_walk_and_ends_outside_the_picture(
    seed: int, aside_m: float
) -> None:
    approach = drawn(random.Random(seed), "ada", 0, aside_m=aside_m)
    last = approach.pose(approach.end_frame - 0.01)
    assert 2.5 <= approach.walk_s <= 5.0
    assert last is not None
    assert last.x_px < 0 or last.x_px > WIDTH_PX
    assert approach.pose(approach.end_frame) is None
    assert approach.pose(-1) is None


@given(seeds, ASIDE)
def test_the_usable_frame_is_the_first_that_shows_the_face_wide_enough(
    seed: int, aside_m: float
) -> None:
    known = truth(drawn(random.Random(seed), "ada", 20, aside_m=aside_m), 1.3)
    assert known.usable_frame is not None
    assert known.boxes[known.usable_frame].width >= USABLE_PX
    before = [box.width for frame, box in known.boxes.items() if frame < known.usable_frame]
    assert before
    assert max(before) < USABLE_PX


@given(seeds)
def test_the_same_seed_draws_the_same_approach(seed: int) -> None:
    one, other = (drawn(random.Random(seed), "ada", 3) for _ in range(2))
    assert one == other


def test_a_face_that_stays_far_away_has_no_usable_frame() -> None:
    far = Approach(person="ada", start_frame=0, far_px=20, near_px=50)
    assert truth(far, 1.3).usable_frame is None
