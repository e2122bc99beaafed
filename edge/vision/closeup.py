"""Closer looks at a face before it is embedded: where exactly are its landmarks?

A detector's landmarks move by 2 to 4 % of the face's width when the same picture is scaled,
turned or mirrored, which turns and shifts the aligned face. The errors have a direction: to one
side, which the mirror image reverses, and up or down with the face's size in the picture. So the
face is set upright, looked at in a few small sizes and in their mirror images, and the mean is
taken: ``docs/performance.md`` ("Deciding") says what that is worth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.vision.alignment import CROP_PX, REFERENCE, align, mirror, mirrored, similarity
from edge.vision.detection import Detections, Detector

STILL: tuple[int, ...] = (128, 160, 192, 224, 336)
"""Sides, in pixels, of the squares in which a photograph's face is looked at."""
DOOR: tuple[int, ...] = (160,)
"""The same at a door, where a track's shots even out what is left."""

_FACE: NDArray[np.float32] = np.asarray(REFERENCE / (2 * CROP_PX) + [0.25, 0.23], np.float32)
"""Landmarks in a square of side 1 that shows twice what is embedded: the detector wants a head."""
_ASTRAY = 0.13
"""A face found further than this from the middle, in sides of the square, is another's."""


def landmarks_of(
    detector: Detector,
    bgr: NDArray[np.uint8],
    coarse: NDArray[np.float32],
    sides_px: tuple[int, ...] = STILL,
) -> NDArray[np.float32]:
    """Landmarks, float32 [5, 2] in the picture's pixels, of the face that has ``coarse`` ones.

    ``coarse`` is the answer where no closer look finds that face.
    """
    looks = [points for side in sides_px for points in _look(detector, bgr, coarse, side)]
    return np.asarray(np.mean(looks, axis=0), np.float32) if looks else coarse


def _look(
    detector: Detector, bgr: NDArray[np.uint8], coarse: NDArray[np.float32], side_px: int
) -> list[NDArray[np.float64]]:
    """What one size and its mirror image show, in the picture's pixels."""
    target = _FACE * np.float32(side_px)
    upright = align(bgr, coarse, target, side_px)
    seen = (
        _nearest(detector.detect(upright), target),
        _nearest(detector.detect(mirror(upright)), mirrored(target, side_px)),
    )
    places = [seen[0], None if seen[1] is None else mirrored(seen[1], side_px)]
    matrix = similarity(coarse, target)
    back, shift = np.linalg.inv(matrix[:, :2]), matrix[:, 2]
    return [(points - shift) @ back.T for points in places if points is not None]


def _nearest(found: Detections, expected: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The landmarks of the face that lies where one is expected, if one does."""
    if len(found) == 0:
        return None
    apart = np.linalg.norm(found.landmarks.mean(axis=1) - expected.mean(axis=0), axis=1)
    nearest = int(np.argmin(apart))
    side_px = float(np.ptp(expected[:, 0])) / float(np.ptp(_FACE[:, 0]))
    return found.landmarks[nearest] if apart[nearest] < _ASTRAY * side_px else None
