"""What a camera is doing, judged by its frames and not by the thread that waits for them.

A reader blocked in a driver or a name lookup cannot report anything; the age of the newest
frame can. So every state is worked out when somebody asks.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from edge.domain import CameraState, CameraStatus

STALL_S = 3.0
"""A live stream without a frame for this long is stalled."""
CONNECT_S = 4.0
"""An address that shows nothing for this long is offline, whatever its reader waits for."""
FIRST_RETRY_S = 0.75
LONGEST_RETRY_S = 30.0
STEADY_S = 10.0
"""A stream that ran this long was good: its next loss is retried from the shortest delay."""
_FPS_FRAMES = 32


def retry_delay_s(failures: int, spread: Callable[[], float] = random.random) -> float:
    """Exponential backoff from 0.5..1 s to 20..40 s, a third to either side at random.

    ``failures`` counts from 1; ``spread`` gives numbers in [0, 1). The spread keeps the
    cameras behind one switch from all knocking at once when it comes back.
    """
    delay_s = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(failures - 1, 10))
    return delay_s * (2 / 3 + 2 / 3 * spread())


class Health:
    """Written by a camera's reader thread, read by anyone."""

    def __init__(self, camera_id: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._camera_id = camera_id
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._connecting_s = monotonic()
        self._live_s: float | None = None
        self._arrivals: deque[tuple[float, int]] = deque(maxlen=_FPS_FRAMES)
        self._seen = 0
        self._size = (0, 0)
        self._connections = 0
        self._failures = 0
        self._trouble: str | None = None
        self._finished = False
        self._reported = CameraStatus.CONNECTING
        self._since_at = datetime.now(UTC)
        self._first_frame_at = self._since_at

    def frame(self, size: tuple[int, int], passed: int = 0) -> None:
        """A frame of this width and height has arrived, and so many unseen ones before it."""
        with self._lock:
            now_s = self._monotonic()
            if self._live_s is None:
                self._live_s = now_s
                self._first_frame_at = datetime.now(UTC)
                self._connections += 1
                self._arrivals.clear()
            self._seen += 1 + passed
            self._arrivals.append((now_s, self._seen))
            self._size = size
            self._trouble = None

    def lost(self, trouble: str) -> float:
        """The stream failed, said in people's words; gives the delay before the next try."""
        with self._lock:
            if self._live_s is not None and self._monotonic() - self._live_s >= STEADY_S:
                self._failures = 0
            self._failures += 1
            self._live_s = None
            self._trouble = trouble
            return retry_delay_s(self._failures)

    def lent(self) -> None:
        """Somebody else looks through the camera for a while."""
        with self._lock:
            self._live_s = None
            self._trouble = "the setup page looks through this camera"

    def finished(self) -> None:
        """A recorded file has been played to its end."""
        with self._lock:
            self._finished = True

    def state(self, dropped: int) -> CameraState:
        """The camera as people see it, now."""
        with self._lock:
            status, detail = self._judge()
            if status is not self._reported:
                self._since_at = self._began(status)
                self._reported = status
            return CameraState(
                camera_id=self._camera_id,
                status=status,
                since_at=self._since_at,
                fps=self._fps() if status is CameraStatus.LIVE else 0.0,
                frames_seen=self._seen,
                frames_dropped=dropped,
                reconnects=max(0, self._connections - 1),
                width_px=self._size[0],
                height_px=self._size[1],
                detail=detail,
            )

    def _began(self, status: CameraStatus) -> datetime:
        """A new stream is live from its first frame; other changes count when they are seen."""
        if status is CameraStatus.LIVE and self._reported is not CameraStatus.STALLED:
            return self._first_frame_at
        return datetime.now(UTC)

    def _judge(self) -> tuple[CameraStatus, str]:
        if self._finished:
            return CameraStatus.FINISHED, "the recording has ended"
        if self._trouble is not None:
            return CameraStatus.OFFLINE, self._trouble
        now_s = self._monotonic()
        if self._live_s is None:
            if now_s - self._connecting_s < CONNECT_S:
                return CameraStatus.CONNECTING, ""
            return CameraStatus.OFFLINE, "the camera does not answer; trying again"
        if now_s - self._arrivals[-1][0] >= STALL_S:
            return CameraStatus.STALLED, "the picture has stopped; waiting for the camera"
        return CameraStatus.LIVE, ""

    def _fps(self) -> float:
        if len(self._arrivals) < 2:
            return 0.0
        (first_s, before), (last_s, seen) = self._arrivals[0], self._arrivals[-1]
        return round((seen - before) / max(last_s - first_s, 1e-3), 1)
