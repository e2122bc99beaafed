"""The one thread that turns frames into stills. A frame is held until the next, and no longer."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import cv2

from edge.camera import Camera, Mailbox
from edge.camera.frame import Frame
from edge.camera.mask import Mask
from edge.child.line import Message
from edge.domain import CameraStatus
from edge.preview.link import Look, Start, Still, ToPreview

REQUESTS = 4
"""Stills that may be asked for at once. Overflow policy: *the line waits*."""
FIRST_FRAME_S = 6.0
"""How long a still waits for a camera that is only being connected to."""
TURN_S = 0.5
QUALITY = 80


class Eye:
    """Runs in a thread of its caller's; ``ask`` and ``stop`` are called from others."""

    def __init__(self, start: Start, say: Callable[[Message], None]) -> None:
        self._say = say
        self._mailbox = Mailbox()
        # What a zone leaves out has to be seen to draw another one.
        plain = type(start.camera)(id=start.camera.id, source=start.camera.source)
        self.camera = Camera(plain, self._mailbox, lambda seconds, frames: None)
        self._requests: queue.Queue[Look] = queue.Queue(REQUESTS)
        self._stopping = threading.Event()

    def ask(self, request: ToPreview) -> bool:
        """Hand over a request; False when too many are waiting. Never waits itself."""
        if not isinstance(request, Look):
            return True
        try:
            self._requests.put_nowait(request)
        except queue.Full:
            return False
        return True

    def stop(self) -> None:
        """Ask the thread to end after the still in hand."""
        self._stopping.set()
        self._mailbox.nudge()

    def run(self) -> None:
        """Answer until stopped."""
        while not self._stopping.is_set():
            try:
                request = self._requests.get(timeout=TURN_S)
            except queue.Empty:
                continue
            frame = self._newest()
            self._say(self._nothing(request) if frame is None else _still(request, frame))

    def _newest(self) -> Frame | None:
        until_s = time.monotonic() + FIRST_FRAME_S
        while not self._stopping.is_set() and time.monotonic() < until_s:
            frame = self._mailbox.take(TURN_S)
            if frame is not None:
                return frame
            if self.camera.state().status is CameraStatus.OFFLINE:
                return None
        return None

    def _nothing(self, request: Look) -> Still:
        detail = self.camera.state().detail
        return Still(
            request_id=request.request_id, trouble=detail or "the camera shows no picture yet"
        )


def _still(request: Look, frame: Frame) -> Still:
    masked = Mask(None, request.masks).apply(frame.shrunk(request.side_px))
    made, jpeg = cv2.imencode(".jpg", masked, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    width_px, height_px = frame.size
    return Still(
        request_id=request.request_id,
        jpeg=jpeg.tobytes() if made else b"",
        width_px=width_px,
        height_px=height_px,
    )
