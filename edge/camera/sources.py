"""Opens what a camera's address names and yields its pictures until they end or fail.

FFmpeg's messages quote the address, password included, so none of them leaves this module:
whatever goes wrong is a ``SourceLost`` in words for the people who run the shop.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from edge.camera.decoding import Decoder
from edge.camera.frame import AvPicture, BgrPicture, Decoded
from edge.camera.glances import Glances
from edge.config import CameraConfig

WAIT_S = 4.0
"""How long one read of a stream may wait before the stream counts as lost."""
LONGEST_GAP_S = 10.0
_USB_SIZE_PX = (1280, 720)
_USB_SILENT = "the USB camera gives no picture; unplug it and plug it in"
_BRIEF_PROBE = {"fpsprobesize": "0", "probesize": "500000", "analyzeduration": "500000"}
"""FFmpeg's defaults watch a stream for seconds before they give the first frame."""
_OPTIONS = {
    "rtsp": {"rtsp_transport": "tcp", "allowed_media_types": "video", **_BRIEF_PROBE},
    "http": _BRIEF_PROBE,
}


class SourceLost(Exception):
    """A source ended or failed; the message is for people and names no address."""


class Clock(Protocol):
    """The time that a reader lives in: the machine's, or that of a recording played fast."""

    def monotonic(self) -> float:
        """Seconds that never go back."""

    def now(self) -> datetime:
        """Aware UTC."""

    def wait(self, seconds: float) -> bool:
        """Let so much time pass; true once the reader is to stop."""


def pictures(camera: CameraConfig, clock: Clock, quiet: Callable[[], bool]) -> Generator[Decoded]:
    """Pictures of a camera as they come. A file plays at its own pace and may just end.

    They are fewer and may be rougher while ``quiet`` says that nobody looks closely. Raises
    ``SourceLost``.
    """
    if camera.kind == "usb":
        yield from _usb(camera.source, clock, quiet)
        return
    try:
        if camera.kind == "file":
            yield from _file(camera.source, camera.loop, clock, quiet)
        else:
            yield from _stream(camera, clock, quiet)
    except (FFmpegError, OSError) as error:
        raise SourceLost(_in_words(error, camera)) from None


def _stream(camera: CameraConfig, clock: Clock, quiet: Callable[[], bool]) -> Generator[Decoded]:
    options = _OPTIONS[camera.kind]
    with av.open(
        camera.source, options=options, timeout=(WAIT_S, WAIT_S), metadata_errors="replace"
    ) as container:
        shown_s = clock.monotonic()
        for shown in _decode(container, quiet, lambda packet: clock.monotonic()):
            now_s = clock.monotonic()
            if shown:
                shown_s = now_s
            elif now_s - shown_s > WAIT_S:
                raise SourceLost("the camera sends no picture that can be read; trying again")
            yield from shown
    raise SourceLost("the camera closed the stream; trying again")


def _file(path: str, loop: bool, clock: Clock, quiet: Callable[[], bool]) -> Generator[Decoded]:
    while True:
        pace = _Pace(clock)
        with av.open(path, metadata_errors="replace") as container:
            for picture in chain.from_iterable(_decode(container, quiet, _own_time_s)):
                if pace.hold(picture.time_s):
                    return
                yield picture
        if pace.played == 0:
            raise SourceLost("the file holds no picture that can be read; check it")
        if not loop:
            return


class _Pace:
    """Shows a file's first frame at once, and each other one at its distance from that.

    A gap longer than ``LONGEST_GAP_S``, either way, is a damaged time stamp and is passed over.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lead_s: float | None = None
        self.played = 0

    def hold(self, time_s: float | None) -> bool:
        """Wait for the time of this frame (None: now); true when told to stop."""
        self.played += 1
        if time_s is None:
            return self._clock.wait(0)
        lead_s = time_s - self._clock.monotonic()
        if self._lead_s is None or abs(lead_s - self._lead_s) > LONGEST_GAP_S:
            self._lead_s = lead_s
        return self._clock.wait(max(0.0, lead_s - self._lead_s))


def _decode(
    container: av.container.InputContainer,
    quiet: Callable[[], bool],
    time_s: Callable[[Packet[VideoStream]], float],
) -> Generator[list[AvPicture]]:
    """What is to be seen after each packet of the first video stream."""
    if not container.streams.video:
        raise SourceLost("there is no video at this address; check the path")
    stream: VideoStream = container.streams.video[0]
    decoder, scaler, told = Decoder(stream, quiet), VideoReformatter(), 0
    for packet in container.demux(stream):
        shown: list[AvPicture] = []
        for frame in decoder.decode(packet, time_s(packet)):
            shown.append(AvPicture(frame, scaler, decoder.passed - told))
            told = decoder.passed
        yield shown


def _own_time_s(packet: Packet[VideoStream]) -> float:
    """A recorded packet's time in its file, for that is read ahead; not a number if it has none."""
    return math.nan if packet.dts is None else float(packet.dts * packet.time_base)


def _usb(source: str, clock: Clock, quiet: Callable[[], bool]) -> Generator[Decoded]:
    """A V4L2 device through OpenCV: this FFmpeg build carries no device input."""
    path = Path(source)
    if not path.exists():
        raise SourceLost("no such USB camera; check that it is plugged in")
    device = cv2.VideoCapture(str(path.resolve()), cv2.CAP_V4L2)
    try:
        device.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        device.set(cv2.CAP_PROP_FRAME_WIDTH, _USB_SIZE_PX[0])
        device.set(cv2.CAP_PROP_FRAME_HEIGHT, _USB_SIZE_PX[1])
        device.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        glances, passed = Glances(), 0
        while True:
            if not device.grab():
                raise SourceLost(_USB_SILENT)
            if quiet() and not glances.due(clock.monotonic(), key=True):
                passed += 1
                continue
            taken, pixels = device.retrieve()
            if not taken:
                raise SourceLost(_USB_SILENT)
            yield BgrPicture(np.asarray(pixels, np.uint8), passed)
            passed = 0
    finally:
        device.release()


def _in_words(error: FFmpegError | OSError, camera: CameraConfig) -> str:
    for kinds, words in _WORDS:
        if isinstance(error, kinds):
            return words
    if camera.kind == "file":
        return "the file cannot be read as a video; check it"
    return "the camera cannot be reached; check the address and the network"


_WORDS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((ConnectionRefusedError,), "the camera refuses the connection; check its power and port"),
    ((av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError),
     "the camera refuses the user name or password; correct them in the configuration"),
    ((av.error.HTTPNotFoundError,), "the camera has no stream of this name; check the path"),
    ((av.error.ExitError, TimeoutError), "the camera does not answer; trying again"),
    ((FileNotFoundError,), "the file is not there; check the path"),
    ((PermissionError,), "the file may not be read; check its permissions"),
    ((ConnectionResetError, BrokenPipeError, EOFError),
     "the camera closed the stream; trying again"),
)  # fmt: skip
