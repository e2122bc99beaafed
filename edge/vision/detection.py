"""Faces in a picture: the one type for what a detector found, and YuNet's decoding.

YuNet (Wu, Peng, Yu 2023, "YuNet: A Tiny Millisecond-level Face Detector") is anchor-free: each
cell of three grids (strides 8, 16, 32) says how sure it is and where box and landmarks lie.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.execution import Runner

STRIDES = (8, 16, 32)
NMS_IOU = 0.3
"""Boxes that overlap a better one by more than this are the same face; OpenCV's own value."""


@dataclass(frozen=True, slots=True)
class Detections:
    """Faces of one picture, in its pixels, best first.

    ``boxes`` float32 [n, 4] as left, top, right, bottom; ``scores`` float32 [n] in [0, 1];
    ``landmarks`` float32 [n, 5, 2]: the eye, then the other eye, nose tip, mouth corners, each
    pair from left to right as the picture shows it. Raises ``ValueError`` on other shapes.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    landmarks: NDArray[np.float32]

    def __post_init__(self) -> None:
        n = len(self.scores)
        shapes = {"boxes": (n, 4), "scores": (n,), "landmarks": (n, 5, 2)}
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(f"{name}: float32 {shape} expected, not {array.dtype}")

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def none(cls) -> Detections:
        """An empty picture."""
        empty = np.empty((0, 5, 2), np.float32)
        return cls(np.empty((0, 4), np.float32), np.empty(0, np.float32), empty)

    @property
    def widths(self) -> NDArray[np.float32]:
        """Width of each box in pixels."""
        return np.asarray(self.boxes[:, 2] - self.boxes[:, 0], np.float32)

    @property
    def areas(self) -> NDArray[np.float32]:
        """Area of each box in square pixels."""
        return np.asarray(self.widths * (self.boxes[:, 3] - self.boxes[:, 1]), np.float32)

    def scaled(self, factor: float) -> Detections:
        """The same faces in a picture ``factor`` times as large."""
        size = np.float32(factor)
        return Detections(self.boxes * size, self.scores, self.landmarks * size)

    def shifted(self, x_px: float, y_px: float) -> Detections:
        """The same faces in a picture whose origin lies ``x_px``, ``y_px`` further up left."""
        by = np.array([x_px, y_px], np.float32)
        return Detections(self.boxes + np.tile(by, 2), self.scores, self.landmarks + by)

    def where(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Detections:
        """The faces that a mask or a list of indices keeps."""
        return Detections(self.boxes[keep], self.scores[keep], self.landmarks[keep])


class Detector(Protocol):
    """Finds faces."""

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        """Faces in a picture, uint8 [h, w, 3], blue first, at the size it has."""


class YuNet:
    """YuNet, on pictures of any size."""

    def __init__(self, runner: Runner, min_score: float) -> None:
        self._runner = runner
        self._min_score = min_score
        self._of_thread = threading.local()

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        """See ``Detector``. Costs grow with the pixels: shrink the picture first."""
        canvas: Canvas | None = getattr(self._of_thread, "canvas", None)
        if canvas is None or canvas.size != bgr.shape[:2]:
            canvas = self._of_thread.canvas = Canvas(bgr.shape[0], bgr.shape[1])
        outputs = self._runner.run(canvas.lay(bgr))
        height, width = canvas.blob.shape[2:]
        return suppress(decode(outputs, height, width, self._min_score))


class Canvas:
    """A picture as the model wants it, black up to a multiple of the coarsest stride.

    Does what ``cv2.dnn.blobFromImage`` does to a padded picture, which takes 2.9 ms for 640x384,
    in 0.15: its memory is used again, for fresh pages cost as much as the copying.
    """

    def __init__(self, height: int, width: int) -> None:
        down, across = (side + -side % STRIDES[-1] for side in (height, width))
        self.size = (height, width)
        self.blob: NDArray[np.float32] = np.zeros((1, 3, down, across), np.float32)
        self._planes = [np.empty((height, width), np.uint8) for _ in range(3)]

    def lay(self, bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
        """float32 [1, 3, h, w] of a picture of this size; valid until the next one is laid."""
        height, width = self.size
        cv2.split(bgr, self._planes)
        for channel, plane in enumerate(self._planes):
            self.blob[0, channel, :height, :width] = plane
        return self.blob


def pad(bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Black at the right and the bottom, up to a multiple of the coarsest stride."""
    bottom, right = (-bgr.shape[0] % STRIDES[-1], -bgr.shape[1] % STRIDES[-1])
    if not bottom and not right:
        return bgr
    padded = cv2.copyMakeBorder(bgr, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
    return np.asarray(padded, np.uint8)


def decode(
    outputs: list[NDArray[np.float32]], height: int, width: int, min_score: float
) -> Detections:
    """YuNet's twelve outputs (class, object, box, landmarks for each stride) as faces.

    A score is the geometric mean of class and object score; a box is its centre's offset from
    the cell and the logarithm of its size, both in strides.
    """
    parts = []
    for level, stride in enumerate(STRIDES):
        kind, thing, box, points = (outputs[level + 3 * part][0] for part in range(4))
        scores = np.sqrt(kind[:, 0] * thing[:, 0])
        (keep,) = np.nonzero(scores >= min_score)
        if len(keep) == 0:
            continue
        cells = _cells(height // stride, width // stride)[keep]
        centre, half = cells + box[keep, :2], np.exp(box[keep, 2:]) / 2
        boxes = np.hstack([centre - half, centre + half]) * stride
        landmarks = (points[keep].reshape(-1, 5, 2) + cells[:, None]) * stride
        parts.append((boxes, scores[keep], landmarks))
    if not parts:
        return Detections.none()
    return Detections(
        *(np.concatenate(part, dtype=np.float32) for part in zip(*parts, strict=True))
    )


def suppress(found: Detections) -> Detections:
    """One box for each face (non-maximum suppression), best first."""
    if len(found) == 0:
        return found
    left_top, size = found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2]
    boxes = np.hstack([left_top, size]).astype(int)
    keep = cv2.dnn.NMSBoxes(boxes.tolist(), found.scores.tolist(), 0.0, NMS_IOU)
    return found.where(np.asarray(keep, np.intp).reshape(-1))


@lru_cache(maxsize=32)
def _cells(rows: int, columns: int) -> NDArray[np.float32]:
    """Column and row of each cell of a grid, row by row: float32 [rows * columns, 2]."""
    y, x = np.mgrid[:rows, :columns]
    return np.stack([x.reshape(-1), y.reshape(-1)], axis=1).astype(np.float32)
