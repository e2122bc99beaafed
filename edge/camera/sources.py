"""Opens what a camera's address names and yields its pictures until they end or fail.

FFmpeg's messages quote the address, password included, so none of them leaves this module:
whatever goes wrong is a ``SourceLost`` in words for the people who run the shop.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from edge.camera.decoding import Decoder
from edge.camera.frame import AvPicture, BgrPicture, Decoded
from edge.config import CameraConfig

WAIT_S = 4.0
"""How long one read of a stream may wait before the stream counts as lost."""
LONGEST_GAP_S = 10.0
_USB_SIZE_PX = (1280, 720)
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

    They may be rougher while ``quiet`` says that nobody looks closely. Raises ``SourceLost``.
    """
    if camera.kind == "usb":
        yield from _usb(camera.source)
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
        scaler, shown_s = VideoReformatter(), clock.monotonic()
        for frames in _decode(container, quiet):
            now_s = clock.monotonic()
            if frames:
                shown_s = now_s
            elif now_s - shown_s > WAIT_S:
                raise SourceLost("the camera sends no picture that can be read; trying again")
            for frame in frames:
                yield AvPicture(frame, scaler)
    raise SourceLost("the camera closed the stream; trying again")


def _file(path: str, loop: bool, clock: Clock, quiet: Callable[[], bool]) -> Generator[Decoded]:
    scaler = VideoReformatter()
    while True:
        pace = _Pace(clock)
        with av.open(path, metadata_errors="replace") as container:
            for frame in chain.from_iterable(_decode(container, quiet)):
                if pace.hold(frame.time):
                    return
                yield AvPicture(frame, scaler)
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
    container: av.container.InputContainer, quiet: Callable[[], bool]
) -> Generator[list[av.VideoFrame]]:
    """What each packet of the first video stream shows; nothing where it is damaged."""
    if not container.streams.video:
        raise SourceLost("there is no video at this address; check the path")
    stream: VideoStream = container.streams.video[0]
    decoder = Decoder(stream, quiet)
    for packet in container.demux(stream):
        yield decoder.decode(packet)


def _usb(source: str) -> Generator[Decoded]:
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
        while True:
            taken, pixels = device.read()
            if not taken:
                raise SourceLost("the USB camera gives no picture; unplug it and plug it in")
            yield BgrPicture(np.asarray(pixels, np.uint8))
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
