"""Closer looks: a detector that is off to one side must not shift the face that is embedded."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.vision.alignment import REFERENCE, mirrored
from edge.vision.closeup import DOOR, STILL, landmarks_of
from edge.vision.detection import Detections

FACE = np.asarray(REFERENCE * 1.5 + [300, 120], np.float32)
PICTURE = np.zeros((480, 640, 3), np.uint8)


class Biased:
    """Sees the face where it is expected, always a bit to the right; each second one mirrored."""

    def __init__(self, off_px: float, *, astray: bool = False) -> None:
        self.off_px = off_px
        self.astray = astray
        self.asked: list[int] = []

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        side = bgr.shape[0]
        self.asked.append(side)
        middle = np.asarray(REFERENCE / 224 + [0.25, 0.23], np.float32) * side
        if len(self.asked) % 2 == 0:
            middle = mirrored(middle, side)
        points = middle + np.array([self.off_px + (side / 3 if self.astray else 0), 0], np.float32)
        box = np.array([[*points.min(axis=0), *points.max(axis=0)]], np.float32)
        return Detections(box, np.ones(1, np.float32), points[None])


@pytest.mark.parametrize("sides", [STILL, DOOR])
def test_an_error_to_one_side_is_undone_by_the_mirror_image(sides: tuple[int, ...]) -> None:
    eyes = Biased(3.0)
    seen = landmarks_of(eyes, PICTURE, FACE, sides)
    np.testing.assert_allclose(seen, FACE, atol=0.4)
    assert eyes.asked == [side for side in sides for _ in range(2)]


def test_another_face_nearby_is_not_taken_for_this_one() -> None:
    np.testing.assert_array_equal(landmarks_of(Biased(0.0, astray=True), PICTURE, FACE), FACE)


def test_landmarks_mirrored_twice_are_as_they_were() -> None:
    once = mirrored(FACE, 640)
    assert (once[0, 0] < once[1, 0]) == (FACE[0, 0] < FACE[1, 0]), "left stays left"
    np.testing.assert_allclose(mirrored(once, 640), FACE, atol=1e-3)
