"""What crosses the line between gateway and vision: small, typed, MessagePack.

Each message is a tagged struct in a frame of four bytes length (big endian) and body.
A member's id is an opaque string here; an embedding crosses only after its rotation.
"""

from __future__ import annotations

import asyncio
import struct

import msgspec

from edge.config import CameraConfig, RecognitionConfig
from edge.domain import CameraState, Candidate, PhotoFault, Probe, Sighting, Template, VisionLoad

MAX_MESSAGE_BYTES = 64 * 1024 * 1024


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Tagged with its class name."""


# --- gateway to vision ---------------------------------------------------------------


class Start(_Message, frozen=True, kw_only=True):
    """First message. ``rotation_secret`` (32 bytes) rotates every embedding of this store."""

    cameras: list[CameraConfig]
    recognition: RecognitionConfig
    models_dir: str
    rotation_secret: bytes


class AddTemplates(_Message, frozen=True, kw_only=True):
    """Put templates into the gallery, in place; acknowledged by ``Done``."""

    request_id: int
    templates: list[Template]


class RemoveMember(_Message, frozen=True, kw_only=True):
    """Forget every template of a member; acknowledged by ``Done``."""

    request_id: int
    member_id: str


class JudgePhoto(_Message, frozen=True, kw_only=True):
    """Judge one photo (an encoded image); answered by ``Judged``."""

    request_id: int
    photo: bytes


class CaptureFace(_Message, frozen=True, kw_only=True):
    """Take the best usable face that this camera sees within the time; ``Judged`` answers."""

    request_id: int
    camera_id: str
    timeout_s: float


ToVision = Start | AddTemplates | RemoveMember | JudgePhoto | CaptureFace


# --- vision to gateway ---------------------------------------------------------------


class Ready(_Message, frozen=True, kw_only=True):
    """Models are loaded. ``model`` names the embedding model, ``dim`` its length."""

    model: str
    dim: int
    threshold: float


class Failed(_Message, frozen=True, kw_only=True):
    """Vision cannot start; the reason is for people."""

    reason: str


class Saw(_Message, frozen=True, kw_only=True):
    """A sighting, new or with more behind it."""

    sighting: Sighting


class TrackEnded(_Message, frozen=True, kw_only=True):
    """A face left the picture. Counting is allowed; this carries no more than that."""

    camera_id: str
    track_id: str


class Cameras(_Message, frozen=True, kw_only=True):
    """The state of every camera, sent when one changes and every second."""

    states: list[CameraState]


class Load(_Message, frozen=True, kw_only=True):
    """What vision did and what waits, sent every second; counts and times, no one's face."""

    load: VisionLoad


class Done(_Message, frozen=True, kw_only=True):
    """The gallery change has taken effect."""

    request_id: int


class Judged(_Message, frozen=True, kw_only=True):
    """A photo's judgement: a probe with the members it resembles, or a fault."""

    request_id: int
    probe: Probe | None = None
    fault: PhotoFault | None = None
    candidates: list[Candidate] = []


FromVision = Ready | Failed | Saw | TrackEnded | Cameras | Load | Done | Judged

_HEADER = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()


def pack(message: ToVision | FromVision) -> bytes:
    """One framed message."""
    body = _encoder.encode(message)
    return _HEADER.pack(len(body)) + body


async def read_body(reader: asyncio.StreamReader) -> bytes:
    """The next message's body. Raises ``asyncio.IncompleteReadError`` at the end."""
    (length,) = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    if length > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {length} bytes cannot be one of ours")
    return await reader.readexactly(length)


to_vision = msgspec.msgpack.Decoder(ToVision)
from_vision = msgspec.msgpack.Decoder(FromVision)
