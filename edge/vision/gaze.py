"""Where and when one camera's pictures are searched for faces.

Searching costs as much as the pixels searched. So a picture is shrunk until the smallest face
that counts is just wide enough for the detector, and of that only the part is searched in which
something moves or a face is followed. Between two searches faces are where they were going.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from edge.camera.frame import SMALL_SIDE_PX, Frame
from edge.camera.mask import Picture
from edge.camera.part import Part
from edge.vision.detection import Detections, Detector
from edge.vision.tracker import Track

FACE_PX = 20
"""Width at which the smallest face that counts is shown to the detector.

On rendered approaches YuNet found every face of at least 12 px; at 16 it lost sight of a recorded
head that turned away.
"""
EVERY_S = 0.12
"""A steady picture is searched this often: every second frame of 15 a second, every third of 25."""
WHOLE_S = 1.0
"""And as a whole this often: nobody stays unseen because something else moves."""
MARGIN = 0.05
"""What is searched around something that moves, in parts of the picture's width."""
STEP_PX = 64
"""Parts come in steps of this size: a detector keeps memory for each size that it has seen."""


class Gaze:
    """Decides for one camera; ``min_face_px`` is the smallest face that counts, in full pixels."""

    def __init__(self, min_face_px: int) -> None:
        self._min_face_px = min_face_px
        self._looked_s = -math.inf
        self._whole_s = -math.inf

    def due(self, at_s: float, tracks: Sequence[Track]) -> bool:
        """Whether to search this frame. A face seen once only is looked for again at once."""
        new = any(not track.confirmed and track.seen_s >= self._looked_s for track in tracks)
        return new or at_s - self._looked_s >= EVERY_S

    def look(
        self, detector: Detector, frame: Frame, moved: Part | None, tracks: Sequence[Track]
    ) -> Detections:
        """Faces in the part of the frame that is worth it, in full pixels.

        ``moved`` is the part in which something moves, None where that is not known.
        """
        self._looked_s = frame.at_s
        longer = max(frame.size)
        side_px = min(SMALL_SIDE_PX, math.ceil(longer * FACE_PX / self._min_face_px))
        picture = frame.shrunk(side_px)
        left, top, right, bottom = self._corners(picture, self._worth(frame, moved, tracks))
        searched = np.ascontiguousarray(picture[top:bottom, left:right])
        found = detector.detect(searched).shifted(float(left), float(top))
        return found.scaled(frame.size[0] / picture.shape[1])

    def _worth(self, frame: Frame, moved: Part | None, tracks: Sequence[Track]) -> Part | None:
        """The part to search, None for the whole."""
        if moved is None or frame.at_s - self._whole_s >= WHOLE_S:
            self._whole_s = frame.at_s
            return None
        if not tracks:
            return moved
        boxes = np.stack([track.predicted(frame.at_s) for track in tracks])
        return moved.joined(Part.around(boxes, frame.size))

    def _corners(self, picture: Picture, part: Part | None) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of a part with its margin, in pixels, in steps."""
        height, width = picture.shape[:2]
        if part is None:
            return 0, 0, width, height
        margin_px = MARGIN * width
        left, right = _steps(part.left * width - margin_px, part.right * width + margin_px, width)
        top, bottom = _steps(
            part.top * height - margin_px, part.bottom * height + margin_px, height
        )
        return left, top, right, bottom


def _steps(first: float, last: float, side: int) -> tuple[int, int]:
    """A stretch of whole steps within a side that holds all that it can of first to last."""
    length = min(side, STEP_PX * math.ceil((last - first) / STEP_PX))
    begin = min(max(0, math.floor((first + last - length) / 2)), side - length)
    return begin, begin + length
