"""Follows faces from frame to frame by where they are and how large.

Association is greedy, nearest pair first, over positions predicted with constant velocity.
At a door a handful of faces is in view and pairs are rarely contested; where they are, both
tracks are marked ``doubted`` and the embedding decides (``pipeline``), which an optimal
assignment of positions could not do either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge.domain import new_id

MAX_AGE_S = 1.0
"""A track that no detection has continued for this long has ended."""
MIN_HITS = 2
"""Detections before a track counts: a detector's false alarm rarely comes twice in a place."""
NEAR = 1.0
"""Furthest that a face may be from its prediction, in widths of a face."""
RESIZED = 1.6
"""Most that a face may grow or shrink from one detection to the next."""
CONTESTED = 0.8
"""Another face this near a track's prediction, in widths, makes a match doubtful."""
LOST_S = 0.3
"""A track found again after this long may be somebody else."""
_SMOOTHING = 0.5


@dataclass(slots=True, eq=False)
class Track:
    """One face while it stays in view. ``box`` is left, top, right, bottom in full pixels."""

    box: NDArray[np.float32]
    first_seen_at: datetime
    seen_at: datetime
    seen_s: float
    id: str = field(default_factory=new_id)
    hits: int = 1
    doubted: bool = False
    velocity: NDArray[np.float32] = field(default_factory=lambda: np.zeros(4, np.float32))
    first_box: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self.first_box = self.box

    @property
    def confirmed(self) -> bool:
        return self.hits >= MIN_HITS

    def predicted(self, at_s: float) -> NDArray[np.float32]:
        """The box where it should be at this time."""
        return np.asarray(self.box + self.velocity * np.float32(at_s - self.seen_s), np.float32)

    def follow(self, box: NDArray[np.float32], at: datetime, at_s: float) -> None:
        """Continue with a new detection."""
        passed_s = at_s - self.seen_s
        if passed_s > LOST_S:
            self.doubted = True
        if passed_s > 0:
            speed = (box - self.box) / np.float32(passed_s)
            weight = 1.0 if self.hits == 1 else _SMOOTHING
            self.velocity = np.asarray(
                self.velocity * np.float32(1 - weight) + speed * np.float32(weight), np.float32
            )
        self.box, self.seen_at, self.seen_s = box, at, at_s
        self.hits += 1


class Tracker:
    """The tracks of one camera."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []

    def update(self, boxes: NDArray[np.float32], at: datetime, at_s: float) -> list[Track]:
        """Take one frame's boxes, f32 [n, 4]; gives the track of each, in their order."""
        predicted = [track.predicted(at_s) for track in self.tracks]
        costs = _costs(predicted, boxes)
        of_box: dict[int, Track] = {}
        for row, column in _nearest_first(costs):
            track = self.tracks[row]
            track.doubted |= _contested(costs, row, column)
            track.follow(boxes[column], at, at_s)
            of_box[column] = track
        for column, box in enumerate(boxes):
            if column not in of_box:
                of_box[column] = Track(box=box, first_seen_at=at, seen_at=at, seen_s=at_s)
                self.tracks.append(of_box[column])
        return [of_box[column] for column in range(len(boxes))]

    def replace(self, track: Track) -> Track:
        """End a track whose face has become another's; the new one stands in its place."""
        fresh = Track(
            box=track.box,
            first_seen_at=track.seen_at,
            seen_at=track.seen_at,
            seen_s=track.seen_s,
            hits=MIN_HITS,
            velocity=track.velocity,
        )
        self.tracks[self.tracks.index(track)] = fresh
        return fresh

    def expire(self, at_s: float) -> list[Track]:
        """Take out and give the tracks that have ended."""
        ended = [track for track in self.tracks if at_s - track.seen_s > MAX_AGE_S]
        self.tracks = [track for track in self.tracks if at_s - track.seen_s <= MAX_AGE_S]
        return ended


def _costs(predicted: list[NDArray[np.float32]], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distance of centres in mean face widths, f32 [tracks, boxes]; infinite where impossible."""
    if not predicted or len(boxes) == 0:
        return np.full((len(predicted), len(boxes)), np.inf, np.float32)
    old = np.stack(predicted)[:, None]
    new = boxes[None]
    width_old = np.maximum(old[..., 2] - old[..., 0], 1.0)
    width_new = np.maximum(new[..., 2] - new[..., 0], 1.0)
    step = (old[..., :2] + old[..., 2:] - new[..., :2] - new[..., 2:]) / 2
    apart = np.hypot(step[..., 0], step[..., 1])
    cost = apart / ((width_old + width_new) / 2)
    resized = np.maximum(width_old / width_new, width_new / width_old)
    return np.where((cost > NEAR) | (resized > RESIZED), np.inf, cost).astype(np.float32)


def _nearest_first(costs: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Pairs of row and column, cheapest first, each row and column once."""
    pairs: list[tuple[int, int]] = []
    rows: set[int] = set()
    columns: set[int] = set()
    for flat in np.argsort(costs, axis=None, kind="stable"):
        row, column = divmod(int(flat), costs.shape[1])
        if not np.isfinite(costs[row, column]):
            break
        if row not in rows and column not in columns:
            pairs.append((row, column))
            rows.add(row)
            columns.add(column)
    return pairs


def _contested(costs: NDArray[np.float32], row: int, column: int) -> bool:
    """Whether another track wanted this box, or another box would have done for this track."""
    return bool(np.sum(costs[:, column] < CONTESTED) > 1 or np.sum(costs[row, :] < CONTESTED) > 1)
