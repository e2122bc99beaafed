"""Which pictures of a track are worth an embedding, and what they say together.

An embedding costs four times a detection, so a track gets few: the first usable shot at
once, because a name that comes late is no use, then the best that follow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.domain import Candidate

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
SURE = 0.12
"""A probe this far above the threshold, and ahead of the next member, names beyond doubt."""
FAR = 0.15
"""A probe this far below the threshold is a stranger's."""
ENOUGH_TO_NAME, ENOUGH_TO_PASS = 2, 4
"""Shots behind a probe from which on ``SURE`` and ``FAR`` settle a track."""
MUCH_BETTER = 1.5
"""What a shot of a settled track must be beside its best one to be worth an embedding."""
SURELY_THERE = 0.8
"""While the checks say less, a person may yet turn out to be a picture, or a picture a person."""


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
        self._settled = False
        self.tried_s = -math.inf
        """When a picture was last considered, whatever became of it."""
        self._to_check = False
        self._checked = self._bona_fide = 0.0

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
        soon = check or self._to_check or width_px >= GROWN * self._widest_px
        if self._settled and not soon:
            return False
        waits = 1 if soon else 2 ** max(0, len(self._shots) - 2)
        return at_s - self._taken_s >= SPACING_S * waits

    def consider(self, at_s: float, width_px: float) -> None:
        """A picture is about to be judged. A settled track waits until its face has grown again."""
        self.tried_s = at_s
        if self._settled:
            self._widest_px = max(self._widest_px, width_px)

    def wants(self, quality: float, *, check: bool = False) -> bool:
        """Whether a shot of this quality is worth an embedding; with ``check`` any usable one."""
        if quality < MIN_QUALITY:
            return False
        if check or self._to_check or not self._shots:
            return True
        if self._settled:
            return quality >= MUCH_BETTER * self.quality
        if len(self._shots) < MAX_SHOTS:
            return quality >= WORTH * self.quality
        return quality > BETTER * min(shot.quality for shot in self._shots)

    def agrees(self, embedding: NDArray[np.float32], least: float) -> bool:
        """Whether an embedding scores at least ``least`` against what the track has shown."""
        return not self._shots or float(embedding @ self.probe()) >= least

    def add(self, shot: Shot, at_s: float) -> None:
        """Keep a shot; the poorest goes when there are too many."""
        self._taken_s = at_s
        self._to_check = False
        self._widest_px = max(self._widest_px, shot.width_px)
        self._shots.append(shot)
        if len(self._shots) > MAX_SHOTS:
            self._shots.remove(min(self._shots, key=lambda kept: kept.quality))

    def weigh(self, candidates: Sequence[Candidate], threshold: float) -> None:
        """Take what the gallery said of the probe, best first: more shots may be no use.

        No shot can change the decision for a track that is surely a member's or surely nobody's,
        unless it is much better than all before it, or the track has changed to another person.
        """
        if not candidates:
            return
        first = candidates[0]
        others = (other.score for other in candidates if other.member_id != first.member_id)
        lead = first.score - max(others, default=-1.0)
        sure = first.score >= threshold + SURE and lead >= SURE
        there = self.bona_fide is None or self.bona_fide >= SURELY_THERE
        named = sure and there and len(self._shots) >= ENOUGH_TO_NAME
        passed = first.score < threshold - FAR and len(self._shots) >= ENOUGH_TO_PASS
        self._settled = named or passed

    @property
    def bona_fide(self) -> float | None:
        """How likely a person stands there: the mean of the checks; None without one."""
        return self._bona_fide / self._checked if self._checked else None

    def checked(self, bona_fide: float, quality: float) -> None:
        """A shot of this quality was checked; it weighs as much as its picture is good."""
        self._checked += quality
        self._bona_fide += quality * bona_fide

    def check_next(self) -> None:
        """The next usable shot is to be taken soon, however good: it will be checked."""
        self._to_check = True

    def probe(self) -> NDArray[np.float32]:
        """The quality-weighted mean of the embeddings, at unit length, f32 [dim].

        Raises ``ValueError`` without a shot.
        """
        if not self._shots:
            raise ValueError("a track without a shot has no probe")
        total = np.sum([shot.embedding * shot.quality for shot in self._shots], axis=0)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), np.float32)
