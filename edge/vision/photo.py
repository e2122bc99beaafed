"""Is this photo fit for enrollment, and if not, what should the person change?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.domain import PhotoFault
from edge.vision.detection import Detections
from edge.vision.packs import Pack
from edge.vision.quality import Quality


@dataclass(frozen=True, slots=True)
class Face:
    """A usable face: its embedding, float32 [dim], of unit length, not rotated, and quality."""

    embedding: NDArray[np.float32]
    quality: Quality


def judge(pack: Pack, photo: bytes) -> Face | PhotoFault:
    """Judge an encoded image (JPEG, PNG or WebP)."""
    raise NotImplementedError


def judge_detected(pack: Pack, bgr: NDArray[np.uint8], found: Detections) -> Face | PhotoFault:
    """Judge the faces already found in a picture, say a camera's frame, in its pixels."""
    raise NotImplementedError
