"""The gate before the detector: does anything move, at 160 pixels across?"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edge.camera.mask import Picture

CHANGED_LEVELS = 10.0
"""Grey levels by which a low-resolution pixel must differ from the background.

One such pixel averages 64 of a 720p picture, which leaves about 1.5 levels of sensor and
coding noise (measured at sigma 8 per pixel and keyframes every two seconds).
"""
CHANGED_SHARE = 0.0015
"""Share of pixels that makes motion: 22 of 14,400, a face 40 px wide in a 1280 px picture."""
BACKGROUND_S = 4.0
"""Time constant with which a change becomes background."""
HOLD_S = 1.0
"""How long the gate stays open after the last motion: people pause between steps."""
LOOK_ANYWAY_S = 1.0
"""A closed gate opens for one frame this often: somebody may be standing still."""


class MotionGate:
    """Opens while one camera's picture changes. A change of the light alone does not count."""

    def __init__(self) -> None:
        self._background: NDArray[np.float32] | None = None
        self._last_s = -math.inf
        self._moved_s = -math.inf
        self._looked_s = -math.inf

    def opens(self, luma: Picture, at_s: float) -> bool:
        """Whether this frame is worth looking at; ``luma`` is u8 [h, w], ``at_s`` monotonic."""
        if self._moves(luma, at_s):
            self._moved_s = at_s
        if at_s - self._moved_s > HOLD_S and at_s - self._looked_s < LOOK_ANYWAY_S:
            return False
        self._looked_s = at_s
        return True

    def _moves(self, luma: Picture, at_s: float) -> bool:
        now = luma.astype(np.float32)
        before = self._background
        if before is None or before.shape != now.shape:
            self._background, self._last_s = now, at_s
            return True
        gain = _gain(before, now)
        change = np.abs(now - before * gain)
        moves = float(np.mean(change > CHANGED_LEVELS)) > CHANGED_SHARE
        share = 1.0 - math.exp(-max(0.0, at_s - self._last_s) / BACKGROUND_S)
        before += np.float32(share) * (now - before)
        self._last_s = at_s
        return moves


def _gain(before: NDArray[np.float32], now: NDArray[np.float32]) -> float:
    """The change of exposure: the median ratio of lit pixels, which moving things hardly shift."""
    lit = (before > 8) & (now < 250)
    if not lit.any():
        return 1.0
    return float(np.clip(np.median(now[lit] / before[lit]), 0.25, 4.0))
