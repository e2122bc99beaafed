"""The one thread that looks for codes: at the cameras' newest frames, and at pictures sent in."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

from edge.camera import Mailbox
from edge.camera.frame import Frame
from edge.camera.image import decode as decode_image
from edge.camera.motion import MotionGate
from edge.child.line import Message
from edge.domain import PhotoFault
from edge.scanner.code import Code
from edge.scanner.decoding import decode
from edge.scanner.link import Found, PictureRead, ReadPicture, Start, ToScanner
from edge.scanner.reading import Reading
from edge.scanner.view import View

REQUESTS = 16
"""Pictures that may wait for the thread. Overflow policy: *the line waits*."""
SPACING_S = 0.1
"""Least time between two looks at one camera: a code is held there for longer."""
FRAME_BUDGET_S = 0.02
"""How long one frame is looked at: the next one is another chance, and costs as much."""
TURN_S = 1.0
"""Longest wait for a frame or a request, to be seen alive."""
HUNG_S = 8.0
"""A thread that has not come round for this long is stuck."""
PICTURE_PX = 2400
"""Longest side at which a picture from a phone is read."""


class Counter:
    """Runs in a thread of its caller's; ``ask`` and ``stop`` are called from others."""

    def __init__(self, start: Start, mailbox: Mailbox, say: Callable[[Message], None]) -> None:
        self._budget_s = start.budget_s
        self._mailbox = mailbox
        self._say = say
        self._gates = {camera.id: MotionGate() for camera in start.cameras}
        self._views = {camera.id: View() for camera in start.cameras}
        self._looked_s = {camera.id: 0.0 for camera in start.cameras}
        self._requests: queue.Queue[ToScanner] = queue.Queue(REQUESTS)
        self._stopping = threading.Event()
        self._turned_s = time.monotonic()

    @property
    def hung(self) -> bool:
        """Whether the thread is stuck."""
        return time.monotonic() - self._turned_s > HUNG_S

    def ask(self, request: ToScanner) -> bool:
        """Hand over a request; False when too many are waiting. Never waits itself."""
        try:
            self._requests.put_nowait(request)
        except queue.Full:
            return False
        self._mailbox.nudge()
        return True

    def stop(self) -> None:
        """Ask the thread to end after the picture in hand."""
        self._stopping.set()
        self._mailbox.nudge()

    def run(self) -> None:
        """Look until stopped: at most one request and one frame a turn, so that both get theirs."""
        while not self._stopping.is_set():
            self._turned_s = time.monotonic()
            if not self._requests.empty():
                self._serve(self._requests.get_nowait())
            frame = self._mailbox.take(TURN_S if self._requests.empty() else 0.0)
            if frame is not None:
                self._look(frame)

    def _look(self, frame: Frame) -> None:
        camera_id = frame.camera_id
        opens = self._gates[camera_id].opens(frame.luma, frame.at_s)
        if not opens or frame.at_s - self._looked_s[camera_id] < SPACING_S:
            return
        self._looked_s[camera_id] = frame.at_s
        codes = [
            _code(reading)
            for reading in decode(frame.gray, min(FRAME_BUDGET_S, self._budget_s))
            if reading.text
        ]
        for code in self._views[camera_id].look(codes, frame.at_s):
            self._say(Found(camera_id=camera_id, code=code))

    def _serve(self, request: ToScanner) -> None:
        match request:
            case ReadPicture(request_id=request_id, picture=picture):
                self._say(self._read(request_id, picture))
            case Start():
                raise ValueError("the scanner process was started twice")

    def _read(self, request_id: int, picture: bytes) -> PictureRead:
        pixels = decode_image(picture, PICTURE_PX)
        if isinstance(pixels, PhotoFault):
            return PictureRead(request_id=request_id, fault=pixels)
        readings = decode(pixels, self._budget_s)
        return PictureRead(request_id=request_id, codes=[_code(r) for r in readings if r.text])


def _code(reading: Reading) -> Code:
    return Code(text=reading.text, symbology=reading.symbology, aim_id=reading.aim_id)
