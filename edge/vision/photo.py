"""Is this picture fit for enrollment, and if not, what should the person change?

Measured on 2,561 press photos (faces of 60 px and more), which ought to pass, and on degraded
copies, which ought not to; ``models/README.md`` holds the table.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.camera.image import decode
from edge.domain import PhotoFault
from edge.vision.alignment import align
from edge.vision.closeup import landmarks_of
from edge.vision.detection import Detections
from edge.vision.packs import Pack
from edge.vision.quality import Quality, assess

MIN_WIDTH_PX = 56
"""Half of what the embedding models are given; a face of 48 px is still recognised as well as
one of 93, a template deserves the margin."""
MIN_BRIGHTNESS = 30.0
MIN_SHARPNESS = 0.055
MAX_YAW = 0.5
MAX_PITCH = 0.14
SECOND_FACE = 0.5
"""A face of at least this part of the main one's area is a second person, not a passer-by."""

_LONGEST_PX = 1600
_SEARCHED_PX = (640, 1280)


@dataclass(frozen=True, slots=True)
class Face:
    """A usable face: its embedding, float32 [dim], of unit length, not rotated, and quality."""

    embedding: NDArray[np.float32]
    quality: Quality


def judge(pack: Pack, photo: bytes) -> Face | PhotoFault:
    """Judge an encoded image (JPEG, PNG or WebP)."""
    bgr = decode(photo, _LONGEST_PX)
    if isinstance(bgr, PhotoFault):
        return bgr
    return judge_detected(pack, bgr, find(pack, bgr))


def judge_detected(pack: Pack, bgr: NDArray[np.uint8], found: Detections) -> Face | PhotoFault:
    """Judge the faces found in a picture, say a camera's frame, given in that picture's pixels."""
    if len(found) == 0:
        return PhotoFault.NO_FACE
    largest = np.argsort(-found.areas)
    if len(found) > 1 and found.areas[largest[1]] >= SECOND_FACE * found.areas[largest[0]]:
        return PhotoFault.SEVERAL_FACES
    main = int(largest[0])
    crop, landmarks = _cut(pack, bgr, found.landmarks[main])
    quality = assess(crop, found.boxes[main], landmarks, float(found.scores[main]))
    return fault_of(quality) or Face(pack.embed_both_ways(crop), quality)


def embed(
    pack: Pack, bgr: NDArray[np.uint8], landmarks: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The embedding that a photo's face becomes a template with, float32 [dim], not judged."""
    return pack.embed_both_ways(_cut(pack, bgr, landmarks)[0])


def fault_of(quality: Quality) -> PhotoFault | None:
    """What keeps a face from becoming a template, the plainest thing to change first."""
    if quality.width_px < MIN_WIDTH_PX:
        return PhotoFault.TOO_SMALL
    if quality.brightness < MIN_BRIGHTNESS:
        return PhotoFault.TOO_DARK
    if abs(quality.yaw) > MAX_YAW or abs(quality.pitch) > MAX_PITCH:
        return PhotoFault.TURNED_AWAY
    if quality.sharpness < MIN_SHARPNESS:
        return PhotoFault.BLURRED
    return None


def _cut(
    pack: Pack, bgr: NDArray[np.uint8], coarse: NDArray[np.float32]
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The aligned face, and the landmarks that a closer look gave."""
    landmarks = landmarks_of(pack.detector, bgr, coarse)
    return align(bgr, landmarks), landmarks


def find(pack: Pack, bgr: NDArray[np.uint8]) -> Detections:
    """Faces of a still picture, large ones first: small and cheap, then larger if none is there."""
    longest = max(bgr.shape[:2])
    for side in _SEARCHED_PX:
        scale = min(1.0, side / longest)
        small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        found = pack.detect(np.asarray(small, np.uint8))
        if len(found) or scale == 1.0:
            break
    return found.scaled(1.0 / scale)
