"""How good a picture of a face is for recognising it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """``score`` in [0, 1] is for ranking; the parts say why.

    ``width_px`` of the box; ``sharpness`` and ``brightness`` of the aligned face; ``yaw`` and
    ``pitch`` are 0 for a face that looks into the camera; ``detection`` is the detector's score.
    """

    score: float
    width_px: float
    sharpness: float
    brightness: float
    yaw: float
    pitch: float
    detection: float


def assess(
    crop: NDArray[np.uint8],
    box: NDArray[np.float32],
    landmarks: NDArray[np.float32],
    detection: float,
) -> Quality:
    """Quality of a face: its aligned crop (BGR), box [4] and landmarks [5, 2], detector score."""
    raise NotImplementedError
