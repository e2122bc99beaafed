"""One camera: a thread that reads it, and comes back to it for as long as the shop is open."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from datetime import UTC, datetime

from edge.camera.frame import Frame
from edge.camera.health import Health
from edge.camera.mailbox import Mailbox
from edge.camera.mask import Mask
from edge.camera.sources import Clock, SourceLost, pictures
from edge.config import CameraConfig
from edge.domain import CameraState

Decoded = Callable[[float, int], None]
"""Told, on the reader's thread, what processor seconds it took to decode so many frames."""


LOANS = 8
"""Loans that the reader has not heard of yet. Overflow policy: *the newest is refused*."""


class Camera:
    """Reads a camera into the mailbox between ``start`` and ``stop``."""

    def __init__(self, config: CameraConfig, mailbox: Mailbox, decoded: Decoded) -> None:
        self.id = config.id
        self._config = config
        self._mailbox = mailbox
        self._decoded = decoded
        self._mask = Mask(config.zone, config.masks)
        self._health = Health(config.id)
        self._clock = _MachineClock()
        self._loans: queue.Queue[tuple[float, Callable[[], None]]] = queue.Queue(LOANS)
        # A read can hang in a driver for longer than the process may take to end.
        self._thread = threading.Thread(target=self._read, name=config.id, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the reader to end; it does at its next frame or timeout."""
        self._clock.stopping.set()
        self.lend(0.0, lambda: None)  # wakes a reader that leaves the camera to others

    def lend(self, for_s: float, free: Callable[[], None]) -> bool:
        """Leave the camera to others for so long; False when too many have asked.

        ``free`` is called on the reader's thread once it has let go.
        """
        with suppress(queue.Full):
            self._loans.put_nowait((self._clock.monotonic() + for_s, free))
            return True
        return False

    def join(self, timeout_s: float) -> bool:
        """Wait for the reader's end; false if it is still stuck in a read."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def state(self) -> CameraState:
        """What the camera is doing, now."""
        return self._health.state(self._mailbox.dropped(self._config.id))

    def _read(self) -> None:
        pause_s = 0.0
        while not self._clock.stopping.is_set():
            try:
                self._play()
                pause_s = 0.0
            except SourceLost as trouble:
                pause_s = self._health.lost(str(trouble))
            else:
                if self._loans.empty():
                    self._health.finished()
                    return
            self._pause(pause_s)

    def _pause(self, for_s: float) -> None:
        """Stay away for so long, and for as long as the camera is lent."""
        until_s = self._clock.monotonic() + for_s
        with suppress(queue.Empty):
            while not self._clock.stopping.is_set():
                left_s = max(0.0, until_s - self._clock.monotonic())
                lent_until_s, free = self._loans.get(timeout=left_s)
                until_s = max(until_s, lent_until_s)
                self._health.lent()
                free()

    def _quiet(self) -> bool:
        return self._mailbox.is_quiet(self._config.id)

    def _play(self) -> None:
        """Frames into the mailbox until the source ends (returns) or fails (raises)."""
        playing = frames(self._config, self._mask, self._clock, self._decoded, self._quiet)
        with closing(playing) as source:
            for frame in source:
                if self._clock.stopping.is_set() or not self._loans.empty():
                    return
                self._health.frame(frame.size, frame.passed)
                self._mailbox.put(frame)


def _never() -> bool:
    return False


def frames(
    config: CameraConfig,
    mask: Mask,
    clock: Clock,
    decoded: Decoded,
    quiet: Callable[[], bool] = _never,
) -> Generator[Frame]:
    """A camera's masked frames with their times until the source ends; raises ``SourceLost``.

    ``quiet`` says whether nothing happens there, see ``edge.camera.decoding``.
    """
    with closing(pictures(config, clock, quiet)) as source:
        # Waiting for a picture takes none of this thread's processor time; decoding does.
        began_s = time.thread_time()
        for picture in source:
            decoded(time.thread_time() - began_s, 1 + picture.passed)
            yield Frame(
                camera_id=config.id,
                decoded=picture,
                mask=mask,
                captured_at=clock.now(),
                at_s=clock.monotonic(),
            )
            began_s = time.thread_time()


class _MachineClock:
    """A ``Clock`` that runs as the machine's does until ``stopping`` is set."""

    def __init__(self) -> None:
        self.stopping = threading.Event()

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> bool:
        return self.stopping.wait(seconds)
