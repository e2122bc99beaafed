"""A quiet door is looked at now and then, whatever the stream does to its times."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.camera.glances import EVERY_S, NAP_S, Glances


def looked_s(times_s: list[float], key_every: int) -> list[float]:
    glances = Glances()
    return [at_s for n, at_s in enumerate(times_s) if glances.due(at_s, key=n % key_every == 0)]


@given(fps=st.integers(4, 60), key_every=st.integers(1, 200), start_s=st.floats(-1e6, 1e6))
def test_nobody_who_comes_is_unseen_for_longer_than_a_nap(
    fps: int, key_every: int, start_s: float
) -> None:
    times_s = [start_s + n / fps for n in range(6 * fps)]
    gaps_s = [now - before for before, now in pairwise(looked_s(times_s, key_every))]
    assert max(gaps_s) <= NAP_S + EVERY_S + 2 / fps
    assert min(gaps_s) >= EVERY_S - 1e-6


@pytest.mark.parametrize(("fps", "looks"), [(10, 5), (15, 7.5), (25, 8.33), (30, 7.5)])
def test_the_share_of_pictures_depends_on_how_many_come(fps: int, looks: float) -> None:
    seconds = 4
    times_s = [n / fps for n in range(seconds * fps)]
    assert len(looked_s(times_s, 10 * fps)) == pytest.approx(looks * seconds, abs=1)


def test_a_key_frame_that_comes_late_is_not_waited_for() -> None:
    glances = Glances()
    for n in range(60):
        glances.due(n / 15, key=n % 30 == 0)
    looks_s = [n / 15 for n in range(60, 120) if glances.due(n / 15, key=False)]
    assert len(looks_s) >= 26
    assert looks_s[0] < 60 / 15 + EVERY_S


@given(st.lists(st.one_of(st.floats(), st.just(math.nan)), min_size=1, max_size=60), st.data())
def test_times_that_make_no_sense_leave_no_door_unseen(
    times_s: list[float], data: st.DataObject
) -> None:
    glances = Glances()
    for at_s in times_s:
        glances.due(at_s, key=data.draw(st.booleans()))
    start_s = 100.0
    assert any(glances.due(start_s + n / 15, key=False) for n in range(15))
