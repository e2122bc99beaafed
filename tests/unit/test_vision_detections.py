"""Detections, and YuNet's decoding against its own definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.vision.detection import STRIDES, Detections, decode, pad, suppress


def some(n: int) -> Detections:
    boxes = np.array([[10, 20, 40, 60]] * n, np.float32) + np.arange(n, dtype=np.float32)[:, None]
    return Detections(boxes, np.full(n, 0.9, np.float32), np.zeros((n, 5, 2), np.float32))


def empty_outputs(height: int, width: int) -> list[NDArray[np.float32]]:
    cells = [(height // s) * (width // s) for s in STRIDES]
    return [np.zeros((1, n, w), np.float32) for w in (1, 1, 4, 10) for n in cells]


@pytest.mark.parametrize(
    ("boxes", "scores", "landmarks"),
    [
        (np.zeros((2, 4), np.float32), np.zeros(1, np.float32), np.zeros((1, 5, 2), np.float32)),
        (np.zeros((1, 4)), np.zeros(1, np.float32), np.zeros((1, 5, 2), np.float32)),
        (np.zeros((1, 4), np.float32), np.zeros(1, np.float32), np.zeros((1, 10), np.float32)),
    ],
    ids=["one box too many", "wrong dtype", "flat landmarks"],
)
def test_detections_of_another_shape_are_refused(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], landmarks: NDArray[np.float32]
) -> None:
    with pytest.raises(ValueError, match="expected"):
        Detections(boxes, scores, landmarks)


def test_detections_follow_a_change_of_size_and_origin() -> None:
    moved = some(1).scaled(2.0).shifted(5.0, 7.0)
    assert moved.boxes.tolist() == [[25, 47, 85, 127]]
    assert moved.landmarks[0, 0].tolist() == [5, 7]
    assert moved.widths.tolist() == [60]
    assert moved.areas.tolist() == [60 * 80]


def test_detections_can_be_chosen_by_mask() -> None:
    assert len(some(3).where(np.array([True, False, True]))) == 2
    assert len(Detections.none()) == 0


@given(st.sampled_from(range(3)), st.integers(0, 1), st.integers(0, 2))
def test_face_in_a_cell_is_decoded_to_its_place(level: int, row: int, column: int) -> None:
    height, width, stride = 64, 96, STRIDES[level]
    outputs = empty_outputs(height, width)
    cell = row * (width // stride) + column
    outputs[level][0, cell, 0], outputs[3 + level][0, cell, 0] = 0.81, 1.0
    outputs[6 + level][0, cell] = [0.5, 0.25, np.log(2.0), np.log(4.0)]
    outputs[9 + level][0, cell] = 1.0
    found = decode(outputs, height, width, 0.7)
    x, y = (column + 0.5) * stride, (row + 0.25) * stride
    assert found.scores.tolist() == pytest.approx([0.9])
    assert found.boxes[0].tolist() == pytest.approx(
        [x - stride, y - 2 * stride, x + stride, y + 2 * stride], abs=1e-3
    )
    assert found.landmarks[0, 4].tolist() == [(column + 1) * stride, (row + 1) * stride]


def test_picture_without_a_face_decodes_to_none() -> None:
    assert len(suppress(decode(empty_outputs(64, 64), 64, 64, 0.7))) == 0


def test_overlapping_boxes_are_one_face_and_the_best_stays() -> None:
    three = some(3)
    scored = Detections(three.boxes, np.array([0.8, 0.95, 0.7], np.float32), three.landmarks)
    assert suppress(scored).scores.tolist() == pytest.approx([0.95])


@given(st.integers(1, 130), st.integers(1, 130))
def test_padding_reaches_a_multiple_of_32_and_moves_nothing(height: int, width: int) -> None:
    picture = np.full((height, width, 3), 200, np.uint8)
    padded = pad(picture)
    assert padded.shape[0] % 32 == padded.shape[1] % 32 == 0
    assert padded.shape[0] - height < 32
    assert padded.shape[1] - width < 32
    assert (padded[:height, :width] == 200).all()
    assert padded.sum() == picture.sum()
