"""The seam: what a peer is, and how its libraries may be set to use the processor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in a picture: left, top, right, bottom in px, f32 [4]; embedding of length 1."""

    box: NDArray[np.float32]
    embedding: NDArray[np.float32]

    @property
    def width_px(self) -> float:
        return float(self.box[2] - self.box[0])


class Peer(Protocol):
    """Another recogniser. Used by one thread."""

    @property
    def threshold(self) -> float:
        """The score from which on a face is named: that of the model's own calibration."""

    def faces(self, bgr: Picture) -> list[Face]:
        """All faces of a picture, u8 [h, w, 3], blue first."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How many threads compute (None: as many as the library takes), and whether idle ones spin.

    Of the libraries measured here only onnxruntime has threads that spin.
    """

    name: str
    threads: int | None = None
    spinning: bool = True

    def apply_to_opencv(self) -> None:
        """OpenCV has one number of threads for a whole process."""
        if self.threads is not None:
            cv2.setNumThreads(self.threads)


AS_IT_COMES = Setting("as it comes")
BEST_OF = (
    Setting("one thread", threads=1),
    Setting("all threads, none spinning", spinning=False),
)
"""What a careful user would try; whichever takes the least processor time is a peer's best."""
