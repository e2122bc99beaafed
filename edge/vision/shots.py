"""Which pictures of a track are worth an embedding, and what they say together.

An embedding costs four times a detection, so a track gets few: the first usable shot at
once, because a name that comes late is no use, then the best that follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_SHOTS = 6
MIN_QUALITY = 0.15
"""Below this a face is not embedded at all: the answer would be noise."""
SPACING_S = 0.2
"""Least time between two shots: neighbouring frames repeat each other.

The wait doubles from the third shot on, so that a set spreads over an approach and not over its
first second; a second opinion on a first poor shot still comes at once.
"""
GROWN = 1.3
"""A face this much wider than in any shot so far need not wait longer than ``SPACING_S``.

Somebody who comes nearer shows more with every step: with the waits alone the best of an
approach falls between two shots (one of fifty members was missed, at 0.496 of 0.50).
"""
WORTH = 0.7
"""While there is room, a shot at least this good beside the best one joins."""
BETTER = 1.15
"""When there is none, a shot this much better replaces the poorest."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A unit embedding, f32 [dim], the quality of its picture in (0, 1], the face's width."""

    embedding: NDArray[np.float32]
    quality: float
    width_px: float


class BestShots:
    """The best few shots of one track, at most ``MAX_SHOTS``."""

    def __init__(self) -> None:
        self._shots: list[Shot] = []
        self._taken_s = -math.inf
        self._widest_px = 0.0

    def __len__(self) -> int:
        return len(self._shots)

    @property
    def quality(self) -> float:
        """Quality of the best shot; 0 without one."""
        return max((shot.quality for shot in self._shots), default=0.0)

    def due(self, at_s: float, width_px: float, *, check: bool = False) -> bool:
        """Whether it is time for another shot, of a face this wide.

        ``check``: the track may have changed to another person, which is seen soon.
        """
        soon = check or width_px >= GROWN * self._widest_px
        waits = 1 if soon else 2 ** max(0, len(self._shots) - 2)
        return at_s - self._taken_s >= SPACING_S * waits

    def wants(self, quality: float, *, check: bool = False) -> bool:
        """Whether a shot of this quality is worth an embedding; with ``check`` any usable one."""
        if quality < MIN_QUALITY:
            return False
        if check or not self._shots:
            return True
        if len(self._shots) < MAX_SHOTS:
            return quality >= WORTH * self.quality
        return quality > BETTER * min(shot.quality for shot in self._shots)

    def agrees(self, embedding: NDArray[np.float32], least: float) -> bool:
        """Whether an embedding scores at least ``least`` against what the track has shown."""
        return not self._shots or float(embedding @ self.probe()) >= least

    def add(self, shot: Shot, at_s: float) -> None:
        """Keep a shot; the poorest goes when there are too many."""
        self._taken_s = at_s
        self._widest_px = max(self._widest_px, shot.width_px)
        self._shots.append(shot)
        if len(self._shots) > MAX_SHOTS:
            self._shots.remove(min(self._shots, key=lambda kept: kept.quality))

    def probe(self) -> NDArray[np.float32]:
        """The quality-weighted mean of the embeddings, at unit length, f32 [dim].

        Raises ``ValueError`` without a shot.
        """
        if not self._shots:
            raise ValueError("a track without a shot has no probe")
        total = np.sum([shot.embedding * shot.quality for shot in self._shots], axis=0)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), np.float32)
