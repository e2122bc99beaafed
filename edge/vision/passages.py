"""Which tracks of a camera are somebody who passed: told when one ends, and nothing else is.

A face that is lost for a moment makes two tracks of one person. A track that begins shortly after
another ended, in the same place and about as large, is taken for its continuation and counts once.
Nobody is compared with anybody; what is remembered of a track is a box, for seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from edge.vision.tracker import RESIZED, Track

LIFE = timedelta(seconds=0.5)
"""A shorter track is more often a detector's mistake than a person in a hurry."""
GAP = timedelta(seconds=3)
"""How long a face may be turned away and still be the same person's."""
NEAR = 2.0
"""How far it may have moved meanwhile, in widths of a face."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ended:
    track: Track
    counted: bool


class Passages:
    """The tracks of one camera that ended lately."""

    def __init__(self) -> None:
        self._lately: list[_Ended] = []

    def ended(self, track: Track) -> bool:
        """Whether this track is somebody who passed and was not counted before."""
        since = track.first_seen_at - GAP
        self._lately = [ended for ended in self._lately if ended.track.seen_at >= since]
        before = next(filter(lambda ended: _continues(track, ended.track), self._lately), None)
        if before is not None:
            self._lately.remove(before)
        known = before is not None and before.counted
        passes = track.seen_at - track.first_seen_at >= LIFE
        self._lately.append(_Ended(track, known or passes))
        return passes and not known


def _continues(track: Track, ended: Track) -> bool:
    """A track that took another's place in the same frame has somebody else's face."""
    if not timedelta(0) < track.first_seen_at - ended.seen_at <= GAP:
        return False
    old, new = ended.box, track.first_box
    width, wider = sorted((_width(old), _width(new)))
    apart = np.hypot(*((old[:2] + old[2:] - new[:2] - new[2:]) / 2))
    return wider <= width * RESIZED and bool(apart <= NEAR * (width + wider) / 2)


def _width(box: NDArray[np.float32]) -> float:
    return max(float(box[2] - box[0]), 1.0)
