"""What crosses the line between gateway and preview process."""

from __future__ import annotations

import msgspec

from edge.child.life import Trade
from edge.child.line import Message, Reply
from edge.config import CameraConfig, Polygon
from edge.domain import CameraState
from edge.errors import CameraUnavailable


class Start(Message, frozen=True, kw_only=True):
    """First message: the camera to look through; its zone and masks do not count."""

    camera: CameraConfig


class Look(Message, frozen=True, kw_only=True):
    """The newest frame with these masks, its longer side at most so long; answered by ``Still``."""

    request_id: int
    masks: list[Polygon]
    side_px: int


class Seen(Message, frozen=True, kw_only=True):
    """How the camera is, said when that changes and every second."""

    state: CameraState


class Still(Reply, frozen=True, kw_only=True):
    """A frame as JPEG, and the size of the camera's own picture; or why there is none."""

    jpeg: bytes = b""
    width_px: int = 0
    height_px: int = 0
    trouble: str = ""


ToPreview = Start | Look
FromPreview = Seen | Still

to_preview = msgspec.msgpack.Decoder(ToPreview)
PREVIEW = Trade(
    name="the preview",
    module="edge.preview",
    decoder=msgspec.msgpack.Decoder(FromPreview),
    unavailable=CameraUnavailable,
)
