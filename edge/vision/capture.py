"""Photographs taken by a door camera while a member stands there."""

from __future__ import annotations

from dataclasses import dataclass

from edge.domain import PhotoFault
from edge.vision.photo import Face

SETTLE_S = 1.0
"""How long to look for a better picture once there is a usable one."""
SPACING_S = 0.2
"""Least time between two pictures judged: each costs an embedding."""


@dataclass(slots=True)
class Capture:
    """One request: the best face of ``camera_id`` until ``until_s`` on the monotonic clock."""

    request_id: int
    camera_id: str
    until_s: float
    best: Face | None = None
    fault: PhotoFault = PhotoFault.NO_FACE
    judged_s: float = 0.0

    def wants(self, camera_id: str, at_s: float) -> bool:
        """Whether a frame of this camera should be judged for this request."""
        return camera_id == self.camera_id and at_s - self.judged_s >= SPACING_S

    def offer(self, judged: Face | PhotoFault, at_s: float) -> None:
        """Take one frame's judgement; the first usable face shortens the wait."""
        self.judged_s = at_s
        if isinstance(judged, PhotoFault):
            self.fault = judged
            return
        if self.best is None:
            self.until_s = min(self.until_s, at_s + SETTLE_S)
        if self.best is None or judged.quality.score > self.best.quality.score:
            self.best = judged

    def outcome(self, at_s: float) -> Face | PhotoFault | None:
        """The answer once the time is up, else None."""
        if at_s < self.until_s:
            return None
        return self.best if self.best is not None else self.fault
