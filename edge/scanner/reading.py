"""What a reader finds in a picture: one code, where it stands, and which reader saw it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from edge.domain import Symbology

Picture = NDArray[np.uint8]
"""u8 [height, width] gray, or [height, width, 3] BGR."""

Corners = tuple[tuple[int, int], ...]
"""Four corners ``(x, y)`` in pixels of the picture given, clockwise from the code's top left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One code of a picture.

    ``text`` is what the code says, with group separators (U+001D) and without parentheses; an
    EAN or UPC has 13 digits (EAN-8: 8), its add-on's 2 or 5 follow where ``aim_id`` is ``]E3``.
    ``raw`` is the same before any character set. ``reader`` is ``zxing`` or ``zbar``.
    """

    text: str
    raw: bytes
    symbology: Symbology
    aim_id: str
    corners: Corners
    reader: str

    def placed(self, *, x: float = 1, y: float = 1, left: int = 0, top: int = 0) -> Reading:
        """The same reading in a picture that was enlarged by ``x`` and ``y``, then framed."""
        corners = ((round(x * c[0]) + left, round(y * c[1]) + top) for c in self.corners)
        return replace(self, corners=tuple(corners))
