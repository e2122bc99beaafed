"""The gate before the detector: does anything move, at 160 pixels across, and where?"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.camera.mask import Picture
from edge.camera.part import Part

CHANGED_LEVELS = 8
"""Grey levels by which a patch of 3x3 low-resolution pixels must differ from the background.

One such pixel averages 16 of a 720p picture, which leaves about 2 levels of sensor and coding
noise (measured at sigma 8 per pixel and key frames every two seconds), the patch 0.7. At 6 the key
frames of a stream decoded without deblocking (``decoding``) passed for motion, at 10 somebody whose
face is 24 px wide still does.
"""
CHANGED_SHARE = 0.0015
"""Share of pixels that makes motion: 22 of 14,400, a face 40 px wide in a 1280 px picture."""
BACKGROUND_S = 0.6
"""Time constant with which a change becomes background.

Short, so that the place that somebody has left does not pass for somebody for long: with 4 s
the gate stood open for 6 s after each person.
"""
HOLD_S = 1.0
"""How long the gate stays open after the last motion: people pause between steps."""
LOOK_ANYWAY_S = 1.0
"""A gate that has closed opens for one frame after so long: somebody may be standing still."""
LOOK_ANYWAY_MOST_S = 4.0
"""Then after twice as long, and so on up to this: whoever is there has been looked for before."""
_SAMPLED = 4
"""Every fourth pixel each way tells the change of exposure well enough."""


class MotionGate:
    """Opens while one camera's picture changes. A change of the light alone does not count."""

    def __init__(self) -> None:
        self.moved: Part | None = None
        """Where the newest picture differs from the background; None if it hardly does."""
        self._background: NDArray[np.float32] | None = None
        self._last_s = -math.inf
        self._moved_s = -math.inf
        self._looked_s = -math.inf
        self._look_after_s = LOOK_ANYWAY_S

    def still(self, at_s: float) -> bool:
        """Whether nothing has moved for ``HOLD_S``, even where the gate opens anyway."""
        return at_s - self._moved_s > HOLD_S

    def opens(self, luma: Picture, at_s: float) -> bool:
        """Whether this frame is worth looking at; ``luma`` is u8 [h, w], ``at_s`` monotonic."""
        if self._moves(luma, at_s):
            self._moved_s = at_s
        if not self.still(at_s):
            self._look_after_s = LOOK_ANYWAY_S
        elif at_s - self._looked_s < self._look_after_s:
            return False
        else:
            self._look_after_s = min(2 * self._look_after_s, LOOK_ANYWAY_MOST_S)
        self._looked_s = at_s
        return True

    def _moves(self, luma: Picture, at_s: float) -> bool:
        before = self._background
        if before is None or before.shape != luma.shape:
            self._background, self._last_s = luma.astype(np.float32), at_s
            self.moved = None
            return True
        expected = cv2.convertScaleAbs(before, alpha=_gain(before, luma))
        change = cv2.blur(cv2.absdiff(luma, expected), (3, 3))
        _, changed = cv2.threshold(change, CHANGED_LEVELS, 255, cv2.THRESH_BINARY)
        moves = cv2.countNonZero(changed) > CHANGED_SHARE * luma.size
        self.moved = _extent(np.asarray(changed, np.uint8)) if moves else None
        share = 1.0 - math.exp(-max(0.0, at_s - self._last_s) / BACKGROUND_S)
        cv2.accumulateWeighted(luma, before, share)
        self._last_s = at_s
        return moves


def _gain(before: NDArray[np.float32], now: Picture) -> float:
    """The change of exposure: the median ratio of lit pixels, which moving things hardly shift."""
    old, new = before[::_SAMPLED, ::_SAMPLED], now[::_SAMPLED, ::_SAMPLED]
    lit = (old > 8) & (new < 250)
    if not lit.any():
        return 1.0
    return float(np.clip(np.median(new[lit] / old[lit]), 0.25, 4.0))


def _extent(changed: NDArray[np.uint8]) -> Part:
    """The part that holds every changed pixel, u8 [h, w] and not 0."""
    left, top, width, height = cv2.boundingRect(changed)
    rows, columns = changed.shape
    return Part(left / columns, top / rows, (left + width) / columns, (top + height) / rows)
