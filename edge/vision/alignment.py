"""Turns, scales and shifts a face so that its landmarks lie where embedding models expect them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

CROP_PX = 112
REFERENCE: NDArray[np.float32] = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655],
     [70.7299, 92.2041]],
    np.float32,
)  # fmt: skip
"""Eyes, nose and mouth corners in a crop of 112 pixels: ArcFace's, and SFace's as well."""

_MIRRORED = [1, 0, 2, 4, 3]


def similarity(
    landmarks: NDArray[np.float32], reference: NDArray[np.float32] = REFERENCE
) -> NDArray[np.float64]:
    """The rotation, scale and shift that brings landmarks nearest to ``reference``.

    Takes float32 [5, 2], gives float64 [2, 3]. The least-squares solution (Umeyama 1991); in
    the plane it is one complex division, and without the mirror images that a face never is.
    """
    source = landmarks[:, 0].astype(float) + 1j * landmarks[:, 1]
    target = reference[:, 0].astype(float) + 1j * reference[:, 1]
    centred = source - source.mean()
    turn = np.vdot(centred, target - target.mean()) / max(np.vdot(centred, centred).real, 1e-9)
    shift = target.mean() - turn * source.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def align(
    bgr: NDArray[np.uint8],
    landmarks: NDArray[np.float32],
    reference: NDArray[np.float32] = REFERENCE,
    side_px: int = CROP_PX,
) -> NDArray[np.uint8]:
    """The face as uint8 [side, side, 3], in the picture's own colour order.

    A face more than twice as large as in the crop is averaged down first: bilinear sampling
    alone would skip pixels.
    """
    matrix = similarity(landmarks, reference)
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        corner, bgr = _around(bgr, landmarks, reach=side_px / scale)
        landmarks = landmarks - corner
        small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        ratio = np.array([small.shape[1] / bgr.shape[1], small.shape[0] / bgr.shape[0]])
        bgr = np.asarray(small, np.uint8)
        matrix = similarity(((landmarks + 0.5) * ratio - 0.5).astype(np.float32), reference)
    return np.asarray(cv2.warpAffine(bgr, matrix, (side_px, side_px)), np.uint8)


def mirror(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Left and right exchanged."""
    return np.ascontiguousarray(picture[:, ::-1])


def mirrored(landmarks: NDArray[np.float32], width_px: int) -> NDArray[np.float32]:
    """Landmarks, float32 [5, 2], of a face in the mirror image of a picture this wide."""
    flipped = landmarks[_MIRRORED]
    flipped[:, 0] = width_px - 1 - flipped[:, 0]
    return flipped


def _around(
    bgr: NDArray[np.uint8], landmarks: NDArray[np.float32], reach: float
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The part of a picture within ``reach`` of a face, and where it begins."""
    x, y = landmarks.mean(axis=0)
    left, top = max(int(x - reach), 0), max(int(y - reach), 0)
    part = bgr[top : max(int(y + reach), top + 1), left : max(int(x + reach), left + 1)]
    return np.array([left, top], np.float32), part
