"""What crosses the line between gateway and scanner process: pictures in, codes out."""

from __future__ import annotations

import msgspec

from edge.child.life import Trade
from edge.child.line import Message, Reply
from edge.config import CameraConfig
from edge.domain import CameraState, PhotoFault
from edge.errors import ScannerUnavailable
from edge.scanner.code import Code


class Start(Message, frozen=True, kw_only=True):
    """First message: the cameras to watch, and the time that one picture may take."""

    cameras: list[CameraConfig]
    budget_s: float


class ReadPicture(Message, frozen=True, kw_only=True):
    """Read the codes of an encoded picture; answered by ``PictureRead``."""

    request_id: int
    picture: bytes


class Found(Message, frozen=True, kw_only=True):
    """A code has come into a camera's view; it is not said again while it stays there."""

    camera_id: str
    code: Code


class Cameras(Message, frozen=True, kw_only=True):
    """The state of every camera, sent when one changes and every second; what all of it takes."""

    states: list[CameraState]
    cpu_s: float
    rss_bytes: int


class PictureRead(Reply, frozen=True, kw_only=True):
    """The codes of a picture, or why it cannot be read as one."""

    codes: list[Code] = []
    fault: PhotoFault | None = None


ToScanner = Start | ReadPicture
FromScanner = Found | Cameras | PictureRead

to_scanner = msgspec.msgpack.Decoder(ToScanner)
SCANNER = Trade(
    name="scanning",
    module="edge.scanner",
    decoder=msgspec.msgpack.Decoder(FromScanner),
    unavailable=ScannerUnavailable,
)
