"""Alignment: whatever turn, size and place a face has, its landmarks end where models want them."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.alignment import CROP_PX, REFERENCE, align, similarity

turns = st.floats(-3.1, 3.1)
sizes = st.floats(0.2, 12.0)
shifts = st.floats(-900.0, 900.0)


@given(turns, sizes, shifts, shifts)
def test_similarity_undoes_any_turn_size_and_shift(
    turn: float, size: float, x: float, y: float
) -> None:
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    seen = (size * REFERENCE @ rotation.T + [x, y]).astype(np.float32)
    matrix = similarity(seen)
    back = seen @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(back, REFERENCE, atol=0.05)


@given(st.integers(0, 2**32 - 1))
def test_similarity_never_mirrors_a_face(seed: int) -> None:
    landmarks = np.random.default_rng(seed).uniform(0, 200, (5, 2)).astype(np.float32)
    assert np.linalg.det(similarity(landmarks)[:, :2]) >= 0


def test_landmarks_on_one_point_do_not_divide_by_zero() -> None:
    assert np.isfinite(similarity(np.full((5, 2), 7.0, np.float32))).all()


def test_large_face_is_averaged_down_not_sampled() -> None:
    """Stripes finer than the crop's pixels must turn grey; sampling would leave them standing."""
    stripes = np.zeros((1200, 1200, 3), np.uint8)
    stripes[:, ::2] = 255
    crop = align(stripes, REFERENCE * 8 + 100)
    inner = crop[10:-10, 10:-10]
    assert inner.std() < 12
    assert abs(float(inner.mean()) - 127.5) < 6


def test_large_face_lands_where_a_small_one_does() -> None:
    small = np.zeros((CROP_PX, CROP_PX, 3), np.uint8)
    for x, y in REFERENCE:
        cv2.circle(small, (round(float(x)), round(float(y))), 4, (255, 255, 255), -1)
    large = cv2.resize(small, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    crop = align(np.asarray(large, np.uint8), (REFERENCE + 0.5) * 6 - 0.5)
    difference = np.abs(crop.astype(int) - small).mean()
    assert difference < 2.0
