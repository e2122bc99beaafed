"""What the cameras see and how they are: candidates, sightings, decisions, counts.

A ``score`` is a cosine similarity in [-1, 1] and grows with likeness.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A member the gallery found near a probe."""

    member_id: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One track's best probe with its candidates, best first.

    ``shots`` counts the photographs fused into the probe, ``first_seen_at`` is when the
    track began, ``seen_at`` the capture time of the newest frame behind this sighting.
    ``bona_fide`` says how likely a person stands there and not a picture of one, in [0, 1]; None
    while no shot was checked for that. Lives in memory only.
    """

    camera_id: str
    track_id: str
    first_seen_at: datetime
    seen_at: datetime
    shots: int
    quality: float
    candidates: tuple[Candidate, ...] = ()
    bona_fide: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The decision that a sighting possibly shows this member."""

    member_id: str
    score: float
    margin: float


class Nobody(StrEnum):
    """Why a sighting names nobody."""

    NO_GALLERY = "no_gallery"
    BELOW_THRESHOLD = "below_threshold"
    TOO_CLOSE_TO_CALL = "too_close_to_call"
    REFUSED = "refused"
    GUARDED = "guarded"
    UNCHECKED = "unchecked"
    PRESENTATION_ATTACK = "presentation_attack"
    MATCHING_RESTS = "matching_rests"


Recognition = Recognised | Nobody


class CameraStatus(StrEnum):
    """What a camera is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    OFFLINE = "offline"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraState:
    """A camera as people see it. ``detail`` never holds an address or a password."""

    camera_id: str
    status: CameraStatus
    since_at: datetime
    fps: float = 0.0
    frames_seen: int = 0
    frames_dropped: int = 0
    reconnects: int = 0
    width_px: int = 0
    height_px: int = 0
    detail: str = ""


class Stage(StrEnum):
    """Where vision spends its time; the conversion that a stage asks for counts as its own."""

    DECODE = "decode"
    GATE = "gate"
    DETECT = "detect"
    ALIGN = "align"
    EMBED = "embed"
    SEARCH = "search"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """How often a stage ran and how long it took altogether, since vision started."""

    runs: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRun:
    """What runs a model file on this machine; ``trouble`` says what failed before."""

    file: str
    execution: str
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionLoad:
    """What vision has done since it started, and what waits for it. Counts, and nobody's face."""

    stages: dict[Stage, StageTime]
    frames_looked_at: int
    frames_gated: int
    faces_detected: int
    shots_embedded: int
    frames_waiting: int
    requests_waiting: int
    cpu_s: float
    rss_bytes: int
    models: tuple[ModelRun, ...] = ()


class PhotoFault(StrEnum):
    """Why a photo cannot be used, each a thing the person holding the phone can change."""

    NOT_AN_IMAGE = "not_an_image"
    TOO_LARGE = "too_large"
    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"
    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    TURNED_AWAY = "turned_away"
    TOO_DARK = "too_dark"
    OTHER_PERSON = "other_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A usable photo of one face, already rotated; ``vector`` as in ``Template``."""

    model: str
    vector: bytes
    quality: float


class VisionState(StrEnum):
    """What the vision process is doing."""

    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
