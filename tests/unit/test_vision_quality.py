"""Quality: what a camera does to a face lowers it, what a head does shows in the pose."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.vision.alignment import CROP_PX, REFERENCE
from edge.vision.quality import assess, pose, sharpness

BOX = np.array([0, 0, CROP_PX, CROP_PX], np.float32)


def texture() -> NDArray[np.uint8]:
    """Structure at all scales, as a face has it."""
    rng = np.random.default_rng(3)
    total = np.zeros((CROP_PX, CROP_PX), np.float32)
    for side in (7, 14, 28, 56):
        layer = rng.normal(size=(side, side)).astype(np.float32)
        total += cv2.resize(layer, (CROP_PX, CROP_PX), interpolation=cv2.INTER_CUBIC)
    grey = np.clip(128 + 28 * total / total.std(), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def blurred(crop: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8)


def shaken(crop: NDArray[np.uint8], length: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.filter2D(crop, -1, np.full((1, length), 1 / length)), np.uint8)


def grey(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(crop[:, :, 0], np.float32)


def score(crop: NDArray[np.uint8]) -> float:
    return assess(crop, BOX, REFERENCE, 0.93).score


def test_blur_lowers_sharpness_step_by_step() -> None:
    values = [sharpness(grey(blurred(texture(), sigma))) for sigma in (0.5, 1.5, 3.0, 5.0)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0] / 5


def test_shake_in_one_direction_counts_as_blur() -> None:
    assert sharpness(grey(shaken(texture(), 21))) < sharpness(grey(texture())) / 3


def test_noise_does_not_pass_for_detail() -> None:
    """The plain variance of the Laplacian would call this the sharpest picture of all."""
    rng = np.random.default_rng(5)
    soft = blurred(texture(), 5.0)
    noisy = np.clip(soft + rng.normal(0, 8, soft.shape[:2])[:, :, None], 0, 255).astype(np.uint8)
    assert sharpness(grey(noisy)) < sharpness(grey(texture())) / 2


def test_dim_light_does_not_count_as_blur() -> None:
    dim = (texture() * 0.4).astype(np.uint8)
    assert sharpness(grey(dim)) == pytest.approx(sharpness(grey(texture())), rel=0.15)


@pytest.mark.parametrize(
    "worse",
    [lambda c: blurred(c, 4.0), lambda c: (c * 0.1).astype(np.uint8), lambda c: c // 8 + 224],
    ids=["blurred", "dark", "washed out"],
)
def test_score_falls_with_each_fault(
    worse: Callable[[NDArray[np.uint8]], NDArray[np.uint8]],
) -> None:
    assert score(worse(texture())) < score(texture()) * 0.8


def test_score_falls_with_small_faces_and_turned_heads() -> None:
    good = assess(texture(), BOX, REFERENCE, 0.93).score
    turned = REFERENCE.copy()
    turned[2, 0] += 30
    assert assess(texture(), BOX / 4, REFERENCE, 0.93).score < good
    assert assess(texture(), BOX, turned, 0.93).score < good
    assert assess(texture(), BOX, REFERENCE, 0.6).score < good


@given(st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_score_stays_between_0_and_1_for_any_picture(seed: int, detection: float) -> None:
    rng = np.random.default_rng(seed)
    crop = rng.integers(0, 256, (CROP_PX, CROP_PX, 3), np.uint8)
    landmarks = rng.uniform(-50, 300, (5, 2)).astype(np.float32)
    assert 0.0 <= assess(crop, BOX, landmarks, detection).score <= 1.0


def test_flat_picture_has_no_sharpness() -> None:
    assert sharpness(np.full((80, 72), 90, np.float32)) == 0.0


@given(st.floats(-0.6, 0.6), st.floats(0.3, 8), st.floats(-20, 20))
def test_pose_does_not_change_with_roll_and_size(turn: float, size: float, aside: float) -> None:
    seen = REFERENCE.copy()
    seen[2, 0] += aside
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = (size * seen @ rotation.T + 40).astype(np.float32)
    assert pose(moved) == pytest.approx(pose(seen), abs=1e-3)


def test_yaw_is_the_noses_way_to_either_side() -> None:
    right, left = REFERENCE.copy(), REFERENCE.copy()
    right[2, 0] += 15
    left[2, 0] -= 15
    assert pose(right)[0] > 0.3
    assert pose(left)[0] < -0.3
    assert abs(pose(REFERENCE)[0]) < 0.05


def test_pitch_is_the_noses_way_up_or_down() -> None:
    up, down = REFERENCE.copy(), REFERENCE.copy()
    up[2, 1] -= 12
    down[2, 1] += 12
    assert pose(up)[1] < pose(REFERENCE)[1] < pose(down)[1]
