"""One slot a camera between the readers and the one thread that looks.

Overflow policy: *newest frame wins*. A frame that nobody took is replaced and counted as
dropped, so there is never a backlog, whatever a look costs.
"""

from __future__ import annotations

import threading
import time
from collections import Counter

from edge.camera.frame import Frame


class Mailbox:
    """Frames by camera, handed out in turn, so that a busy camera starves no other."""

    def __init__(self) -> None:
        self._frames: dict[str, Frame] = {}
        self._changed = threading.Condition()
        self._nudged = False
        self._dropped: Counter[str] = Counter()
        self._quiet: set[str] = set()

    def put(self, frame: Frame) -> None:
        """Leave the newest frame of a camera. Never waits."""
        with self._changed:
            if frame.camera_id in self._frames:
                self._dropped[frame.camera_id] += 1
                self._frames[frame.camera_id] = frame
            else:
                self._frames[frame.camera_id] = frame
                self._changed.notify()

    def nudge(self) -> None:
        """Wake whoever waits in ``take``, with or without a frame."""
        with self._changed:
            self._nudged = True
            self._changed.notify()

    def take(self, timeout_s: float) -> Frame | None:
        """The newest frame of the camera that waited longest; None when nudged or too late."""
        until_s = time.monotonic() + timeout_s
        with self._changed:
            while not self._frames and not self._nudged:
                left_s = until_s - time.monotonic()
                if left_s <= 0 or not self._changed.wait(left_s):
                    break
            self._nudged = False
            if not self._frames:
                return None
            return self._frames.pop(next(iter(self._frames)))

    def call_quiet(self, camera_id: str, quiet: bool) -> None:
        """Tell the reader of a camera, the other way round, whether nothing happens there."""
        with self._changed:
            (self._quiet.add if quiet else self._quiet.discard)(camera_id)

    def is_quiet(self, camera_id: str) -> bool:
        """Whether whoever looks has seen that nothing happens at this camera."""
        with self._changed:
            return camera_id in self._quiet

    def waiting(self) -> int:
        """Frames that nobody took yet; at most one a camera."""
        with self._changed:
            return len(self._frames)

    def dropped(self, camera_id: str) -> int:
        """Frames of this camera that a newer one replaced, since the start."""
        with self._changed:
            return self._dropped[camera_id]
