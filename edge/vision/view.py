"""What one camera sees, and whose turn it is: a crowd must not cost more than the time there is."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.camera.motion import MotionGate
from edge.vision.detection import Detections
from edge.vision.gaze import Gaze
from edge.vision.passages import Passages
from edge.vision.shots import BestShots
from edge.vision.tracker import Track, Tracker

PHOTOGRAPHED = 4
"""Faces photographed in one frame, 10 ms each. Overflow policy: *longest without a turn first*."""
REPEAT_S = 2.0
"""A face in view is reported again this often, which keeps its visit fresh."""


@dataclass(slots=True)
class View:
    """A camera's gate, gaze and tracks; ``shots`` and ``told_s`` are by track."""

    gaze: Gaze
    gate: MotionGate = field(default_factory=MotionGate)
    tracker: Tracker = field(default_factory=Tracker)
    passages: Passages = field(default_factory=Passages)
    shots: dict[str, BestShots] = field(default_factory=dict)
    told_s: dict[str, float] = field(default_factory=dict)

    def to_photograph(self, tracks: list[Track], faces: Detections, at_s: float) -> list[int]:
        """Which of a frame's faces, given with the track of each, get a turn now."""
        due = []
        for index, track in enumerate(tracks):
            if track.confirmed:
                shots = self.shots.setdefault(track.id, BestShots())
                if shots.due(at_s, float(faces.widths[index]), check=track.doubted):
                    due.append((shots.tried_s, index))
        return [index for _, index in sorted(due)[:PHOTOGRAPHED]]

    def to_tell(self, at_s: float) -> list[tuple[float, Track]]:
        """Tracks that are to be reported again, with the time when they last were."""
        told = ((self.told_s.get(track.id), track) for track in self.tracker.tracks)
        return [
            (told_s, track)
            for told_s, track in told
            if told_s is not None and told_s + REPEAT_S <= at_s and track.seen_s > told_s
        ]

    def forget(self, track: Track) -> None:
        """Drop what is kept of a track that has ended."""
        self.shots.pop(track.id, None)
        self.told_s.pop(track.id, None)
