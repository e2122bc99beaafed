"""How good a picture of a face is for recognising it: picks a track's best shots, judges photos.

The figures behind the ramps: photos of 110 people from the research set, degraded step by step,
and the mean SFace similarity to the same people's templates (0.72 undegraded). Face 48, 36, 28,
20 px wide: 0.72, 0.71, 0.66, 0.59. Gaussian blur of 2, 3, 4, 5 px on a face of 93: 0.66, 0.58,
0.46, 0.34. Light down to 30, 15, 7 %: 0.69, 0.64, 0.46. ``models/README.md`` says how to repeat
them. A sharp still of 48 px is as good as any, but at a door noise and coding eat the small face:
of 50 members who walk up, 48 are found where width counts up to 48 px, all where up to 112 px,
with as many embeddings and as few strangers named.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Ramp = tuple[float, float]
"""Where a value is worthless, and from where on more of it helps no further."""

WIDTH_PX: Ramp = (8.0, 112.0)
SHARPNESS: Ramp = (0.0, 0.12)
BRIGHTNESS: Ramp = (0.0, 40.0)
HEADROOM: Ramp = (0.0, 40.0)
DETECTION: Ramp = (0.4, 0.9)
YAW: Ramp = (1.4, 0.15)
PITCH: Ramp = (0.5, 0.06)

LEVEL_NOSE = 0.566
"""How far down from eyes to mouth the nose tip lies when a face looks straight ahead: the median
of 2,561 press photos."""

_INNER = (slice(24, 104), slice(20, 92))
_COARSE = 3
_CURVATURE = np.array([[1.0, -2.0, 1.0]], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """``score`` in [0, 1] ranks pictures; the parts say why.

    ``width_px`` of the box in the picture. ``sharpness`` is from 0 for none to about 0.3,
    ``brightness`` the mean grey of 0 to 255. ``yaw`` is the nose's way out of the middle in
    eye distances, positive to the picture's right; ``pitch`` its way up or down from where a
    level face has it, in parts of the way from eyes to mouth, positive down; both are 0 for a
    face that looks into the camera. ``detection`` is the detector's score.
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
    """Quality of a face from its aligned crop (BGR, 112x112) and what the detector said of it:
    box float32 [4] and landmarks float32 [5, 2] in the picture's pixels, score."""
    grey = cv2.cvtColor(crop[_INNER], cv2.COLOR_BGR2GRAY).astype(np.float32)
    width_px, brightness = float(box[2] - box[0]), float(grey.mean())
    sharp, (yaw, pitch) = sharpness(grey), pose(landmarks)
    score = (
        _worth(width_px, WIDTH_PX)
        * _worth(sharp, SHARPNESS)
        * _worth(brightness, BRIGHTNESS)
        * _worth(255.0 - brightness, HEADROOM)
        * _worth(detection, DETECTION)
        * _worth(abs(yaw), YAW)
        * _worth(abs(pitch), PITCH)
    )
    return Quality(
        score=score,
        width_px=width_px,
        sharpness=sharp,
        brightness=brightness,
        yaw=yaw,
        pitch=pitch,
        detection=detection,
    )


def sharpness(grey: NDArray[np.float32]) -> float:
    """Curvature's share of the contrast, in the direction that has less of it.

    The variance of the Laplacian (Pech-Pacheco 2000), with three changes that make it follow
    recognition (rank correlation with "still recognised", area under the curve, 0.90 against
    0.64): per direction, so that motion blur counts; at a third of the size, so that noise does
    not pass for detail; over the variance of the picture, so that dim light does not count.
    A face has twice as much across its height, from brows and mouth, as across its width.
    """
    size = (grey.shape[1] // _COARSE, grey.shape[0] // _COARSE)
    coarse = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)
    across = cv2.filter2D(coarse, cv2.CV_32F, _CURVATURE)[1:-1, 1:-1].var()
    down = cv2.filter2D(coarse, cv2.CV_32F, _CURVATURE.T)[1:-1, 1:-1].var()
    return float(min(across, down / 2) / max(coarse.var(), 1.0))


def pose(landmarks: NDArray[np.float32]) -> tuple[float, float]:
    """Yaw and pitch as ``Quality`` has them, from five landmarks; the head's roll cancels out."""
    eyes, mouth = landmarks[:2].mean(axis=0), landmarks[3:].mean(axis=0)
    nose = landmarks[2]
    height = max(float(np.linalg.norm(mouth - eyes)), 1e-6)
    down = (mouth - eyes) / height
    across = np.array([down[1], -down[0]])
    apart = max(float(np.linalg.norm(landmarks[1] - landmarks[0])), 1e-6)
    yaw = float((nose - (eyes + mouth) / 2) @ across) / apart
    return yaw, float((nose - eyes) @ down) / height - LEVEL_NOSE


def _worth(value: float, ramp: Ramp) -> float:
    """0 at the ramp's start, 1 at its end and beyond; a ramp may fall."""
    start, end = ramp
    return float(np.clip((value - start) / (end - start), 0.0, 1.0))
