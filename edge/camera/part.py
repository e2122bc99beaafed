"""A part of a picture, however large the picture is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle in fractions of a picture's width and height, each side within [0, 1]."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, boxes: NDArray[np.float32], size: tuple[int, int]) -> Part:
        """The least part that holds every box, f32 [n, 4] in pixels of a picture of this size.

        Raises ``ValueError`` without a box.
        """
        corners = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
        left, top, right, bottom = np.clip(corners / np.tile(np.array(size), 2), 0, 1).tolist()
        return cls(left, top, right, bottom)

    def joined(self, other: Part) -> Part:
        """The least part that holds both."""
        return Part(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )
