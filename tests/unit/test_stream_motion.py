"""The motion gate: people open it; noise and the weather do not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from edge.camera.motion import HOLD_S, LOOK_ANYWAY_MOST_S, LOOK_ANYWAY_S, MotionGate

FRAME_S = 1 / 15
DICE = np.random.default_rng(7)
SCENE = DICE.integers(40, 200, (90, 160)).astype(np.float64)


def seen(scene: np.ndarray, noise: float = 1.5) -> np.ndarray:
    return np.clip(scene + DICE.normal(0, noise, scene.shape), 0, 255).astype(np.uint8)


def opened(gate: MotionGate, scenes: list[np.ndarray], start_s: float) -> list[bool]:
    return [gate.opens(seen(s), start_s + i * FRAME_S) for i, s in enumerate(scenes)]


@pytest.fixture
def gate() -> MotionGate:
    """A gate that has watched an empty door for four seconds."""
    gate = MotionGate()
    opened(gate, [SCENE] * 60, 0.0)
    return gate


def test_the_first_frame_is_looked_at() -> None:
    assert MotionGate().opens(seen(SCENE), 0.0)


def test_an_empty_door_is_looked_at_less_and_less(gate: MotionGate) -> None:
    """Often at first, for somebody may stand still there; then now and then, but always again."""
    looked = opened(gate, [SCENE] * 15 * 30, 4.0)
    looks_s = [index * FRAME_S for index, look in enumerate(looked) if look]
    assert max(now - before for before, now in pairwise(looks_s)) <= LOOK_ANYWAY_MOST_S + FRAME_S
    assert len(looks_s) <= 30 / LOOK_ANYWAY_MOST_S + 2


def test_after_somebody_has_been_there_it_is_looked_at_soon(gate: MotionGate) -> None:
    opened(gate, [SCENE] * 15 * 20, 4.0)
    person = SCENE.copy()
    person[40:46, 80:85] = 220
    opened(gate, [person] * 5, 24.0)
    after = opened(gate, [SCENE] * 15 * 5, 24.0 + 5 * FRAME_S)
    shut = after.index(False)
    assert after[shut:].index(True) * FRAME_S <= LOOK_ANYWAY_S + FRAME_S


def test_a_face_sized_change_opens_at_once(gate: MotionGate) -> None:
    person = SCENE.copy()
    person[40:46, 80:85] = 220
    closed_at_s = 4.0 + FRAME_S
    gate.opens(seen(SCENE), 4.0)
    assert gate.opens(seen(person), closed_at_s)
    assert gate.opens(seen(SCENE), closed_at_s + HOLD_S / 2), "people pause between steps"


def test_a_change_of_exposure_alone_does_not_open(gate: MotionGate) -> None:
    gate.opens(seen(SCENE), 4.0)
    brighter = opened(gate, [SCENE * 1.2] * 10, 4.0 + FRAME_S)
    assert not any(brighter)


def test_what_stays_becomes_background(gate: MotionGate) -> None:
    shelf = SCENE.copy()
    shelf[20:60, 30:50] = 230
    opened(gate, [shelf] * 15 * 20, 4.0)
    assert sum(opened(gate, [shelf] * 45, 24.0)) <= 4


def test_a_camera_that_changes_its_size_is_no_trouble(gate: MotionGate) -> None:
    assert gate.opens(np.zeros((120, 160), np.uint8), 5.0)


def test_the_gate_shuts_soon_after_somebody_has_left(gate: MotionGate) -> None:
    """The place where they stood must not pass for them while it becomes background again."""
    person = SCENE.copy()
    person[20:80, 60:80] = 220
    opened(gate, [person] * 45, 4.0)
    after = opened(gate, [SCENE] * 75, 7.0)
    looks_after_s = [index * FRAME_S for index, looked in enumerate(after) if looked]
    assert sum(second > 3.0 for second in looks_after_s) <= 3


def test_the_gate_says_where_it_moves(gate: MotionGate) -> None:
    person = SCENE.copy()
    person[45:63, 80:120] = 220
    assert gate.opens(seen(person), 4.0)
    moved = gate.moved
    assert moved is not None
    assert moved.left == pytest.approx(0.5, abs=0.02)
    assert moved.right == pytest.approx(0.75, abs=0.02)
    assert moved.top == pytest.approx(0.5, abs=0.03)
    assert moved.bottom == pytest.approx(0.7, abs=0.03)


def test_where_nothing_moves_no_part_is_named(gate: MotionGate) -> None:
    gate.opens(seen(SCENE), 4.0)
    assert gate.moved is None
