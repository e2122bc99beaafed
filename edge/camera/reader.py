"""One camera: a thread that reads it, and comes back to it for as long as the shop is open."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from edge.camera.frame import Frame
from edge.camera.health import Health
from edge.camera.mailbox import Mailbox
from edge.camera.mask import Mask
from edge.camera.sources import SourceLost, pictures
from edge.config import CameraConfig
from edge.domain import CameraState


class Camera:
    """Reads a camera into the mailbox between ``start`` and ``stop``."""

    def __init__(
        self, config: CameraConfig, mailbox: Mailbox, decoded: Callable[[float], None]
    ) -> None:
        """``decoded`` is told the processor seconds of each picture, on the reader's thread."""
        self._config = config
        self._mailbox = mailbox
        self._decoded = decoded
        self._mask = Mask(config.zone, config.masks)
        self._health = Health(config.id)
        self._stopping = threading.Event()
        # A read can hang in a driver for longer than the process may take to end.
        self._thread = threading.Thread(target=self._read, name=config.id, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the reader to end; it does at its next frame or timeout."""
        self._stopping.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the reader's end; false if it is still stuck in a read."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def state(self) -> CameraState:
        """What the camera is doing, now."""
        return self._health.state(self._mailbox.dropped(self._config.id))

    def _read(self) -> None:
        while not self._stopping.is_set():
            try:
                self._play()
            except SourceLost as trouble:
                self._stopping.wait(self._health.lost(str(trouble)))
            else:
                self._health.finished()
                return

    def _play(self) -> None:
        """Frames into the mailbox until the source ends (returns) or fails (raises)."""
        with closing(pictures(self._config, self._stopping.wait)) as source:
            # Waiting for a picture takes none of this thread's processor time; decoding does.
            began_s = time.thread_time()
            for decoded in source:
                if self._stopping.is_set():
                    return
                now_s = time.thread_time()
                self._decoded(now_s - began_s)
                began_s = now_s
                self._health.frame(decoded.size)
                self._mailbox.put(
                    Frame(
                        camera_id=self._config.id,
                        decoded=decoded,
                        mask=self._mask,
                        captured_at=datetime.now(UTC),
                        at_s=time.monotonic(),
                    )
                )
