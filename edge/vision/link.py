"""What crosses the line between gateway and vision.

A member's id is an opaque string here; an embedding crosses only after its rotation.
"""

from __future__ import annotations

import msgspec

from edge.child.life import Trade
from edge.child.line import Message, Reply
from edge.config import CameraConfig, RecognitionConfig
from edge.domain import CameraState, Candidate, PhotoFault, Probe, Sighting, Template, VisionLoad
from edge.errors import VisionUnavailable

# --- gateway to vision ---------------------------------------------------------------


class Start(Message, frozen=True, kw_only=True):
    """First message. ``rotation_secret`` (32 bytes) rotates every embedding of this store."""

    cameras: list[CameraConfig]
    recognition: RecognitionConfig
    models_dir: str
    rotation_secret: bytes


class AddTemplates(Message, frozen=True, kw_only=True):
    """Put templates into the gallery, in place; acknowledged by ``Done``."""

    request_id: int
    templates: list[Template]


class RemoveMember(Message, frozen=True, kw_only=True):
    """Forget every template of a member; acknowledged by ``Done``."""

    request_id: int
    member_id: str


class Rest(Message, frozen=True, kw_only=True):
    """Embed and search no face until told otherwise; acknowledged by ``Done``. So does a process
    that has not been told yet.
    """

    request_id: int
    resting: bool


class JudgePhoto(Message, frozen=True, kw_only=True):
    """Judge one photo (an encoded image); answered by ``Judged``."""

    request_id: int
    photo: bytes


class CaptureFace(Message, frozen=True, kw_only=True):
    """Take the best usable face that this camera sees within the time; ``Judged`` answers."""

    request_id: int
    camera_id: str
    timeout_s: float


class LendCamera(Message, frozen=True, kw_only=True):
    """Leave this camera to another process for so long; ``Done`` says that it is free."""

    request_id: int
    camera_id: str
    for_s: float


ToVision = Start | AddTemplates | RemoveMember | Rest | JudgePhoto | CaptureFace | LendCamera


# --- vision to gateway ---------------------------------------------------------------


class Ready(Message, frozen=True, kw_only=True):
    """Models are loaded. ``model`` names the embedding model, ``dim`` its length."""

    model: str
    dim: int
    threshold: float


class Calibrated(Message, frozen=True, kw_only=True):
    """What the gallery as it is says of itself, sent after it changed.

    ``threshold`` is the least score that names one of its ``members``; ``look_alikes`` are pairs
    of member ids, each pair once and in order, who may be taken for one another.
    """

    threshold: float
    members: int
    look_alikes: list[tuple[str, str]] = []


class Failed(Message, frozen=True, kw_only=True):
    """Vision cannot start; the reason is for people."""

    reason: str


class Saw(Message, frozen=True, kw_only=True):
    """A sighting, new or with more behind it."""

    sighting: Sighting


class TrackEnded(Message, frozen=True, kw_only=True):
    """A face left the picture. Counting is allowed; this carries no more than that.

    ``passed`` says that somebody passed who was not counted before.
    """

    camera_id: str
    track_id: str
    passed: bool = False


class Cameras(Message, frozen=True, kw_only=True):
    """The state of every camera, sent when one changes and every second."""

    states: list[CameraState]


class Load(Message, frozen=True, kw_only=True):
    """What vision did and what waits, sent every second; counts and times, no one's face."""

    load: VisionLoad


class Done(Reply, frozen=True, kw_only=True):
    """The change has taken effect."""


class Judged(Reply, frozen=True, kw_only=True):
    """A photo's judgement: a probe with the members it resembles, or a fault."""

    probe: Probe | None = None
    fault: PhotoFault | None = None
    candidates: list[Candidate] = []


FromVision = Ready | Calibrated | Failed | Saw | TrackEnded | Cameras | Load | Done | Judged

to_vision = msgspec.msgpack.Decoder(ToVision)
from_vision = msgspec.msgpack.Decoder(FromVision)
VISION = Trade(
    name="vision", module="edge.vision", decoder=from_vision, unavailable=VisionUnavailable
)
