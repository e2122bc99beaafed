"""The words of the shop as values: frozen, slotted, keyword-only, and free of I/O.

Times are timezone-aware UTC and end in ``_at``; durations and sizes carry their unit.
A ``score`` is a cosine similarity in [-1, 1] and grows with likeness.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


def new_id() -> str:
    """A random identifier (UUID version 4, 32 hexadecimal digits)."""
    return uuid.uuid4().hex


# --- members -------------------------------------------------------------------------


class Garment(StrEnum):
    """The part of the body a size is for."""

    SHOE = "shoe"
    TOP = "top"
    BOTTOM = "bottom"


class SizeSystem(StrEnum):
    """The system a size is written in. ``MM`` is a length (Mondopoint for shoes)."""

    EU = "EU"
    US = "US"
    UK = "UK"
    CN = "CN"
    MM = "mm"


class AgeBand(StrEnum):
    """Declared by the member, never inferred."""

    UNDER_18 = "under_18"
    FROM_18 = "18_24"
    FROM_25 = "25_34"
    FROM_35 = "35_44"
    FROM_45 = "45_54"
    FROM_55 = "55_64"
    FROM_65 = "65_plus"


class Language(StrEnum):
    """A language that notices, receipts and the phone's app are written in."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size of a member, e.g. shoe 42 EU."""

    garment: Garment
    system: SizeSystem
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person who joined. Membership says nothing about consent to face matching."""

    id: str
    name: str
    card_number: str | None = None
    phone: str | None = None
    language: Language = Language.ENGLISH
    age_band: AgeBand | None = None
    sizes: tuple[Size, ...] = ()
    preferences: tuple[str, ...] = ()
    do_not_disturb: bool = False
    joined_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A guide's remark on a member's card."""

    id: str
    member_id: str
    text: str
    author: str
    written_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One line of a receipt. ``amount`` is in ``currency`` (ISO 4217)."""

    id: str
    member_id: str
    item: str
    category: str
    amount: Decimal
    currency: str
    bought_at: datetime


class Trend(StrEnum):
    """How a member's spend of the last 90 days stands to the 90 days before."""

    RISING = "rising"
    STEADY = "steady"
    FALLING = "falling"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSummary:
    """What the rules derive from purchases and visits for the top of a card."""

    days_since_visit: int | None
    days_since_purchase: int | None
    visits_last_year: int
    spend_last_year: dict[str, Decimal]
    spend_trend: Trend
    favourite_categories: tuple[str, ...]


# --- consent and templates -----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Biometric consent of one member. ``receipt`` is the signed record (ISO/IEC TS 27560)."""

    id: str
    member_id: str
    notice_version: str
    language: Language
    given_at: datetime
    withdrawn_at: datetime | None = None
    receipt: dict[str, object] = field(default_factory=dict)
    signature: str = ""

    @property
    def active(self) -> bool:
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A stored, rotated embedding. ``vector`` is little-endian float32 of unit length.

    ``model`` names the embedding model; templates of another model are never compared.
    """

    id: str
    member_id: str
    consent_id: str
    model: str
    vector: bytes
    quality: float
    made_at: datetime


# --- what the cameras say ------------------------------------------------------------


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
    Lives in memory only.
    """

    camera_id: str
    track_id: str
    first_seen_at: datetime
    seen_at: datetime
    shots: int
    quality: float
    candidates: tuple[Candidate, ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTime:
    """How often a stage ran and how long it took altogether, since vision started."""

    runs: int = 0
    seconds: float = 0.0


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


# --- visits --------------------------------------------------------------------------


class ArrivedBy(StrEnum):
    """The evidence that opened a visit."""

    FACE = "face"
    CODE = "code"
    PHONE = "phone"
    GUIDE = "guide"


class Claim(StrEnum):
    """What is claimed about who is visiting. A tapped or typed arrival is certain."""

    POSSIBLE = "possible"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    CERTAIN = "certain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A member's stay in the shop."""

    id: str
    member_id: str
    arrived_by: ArrivedBy
    claim: Claim
    place: str
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.closed_at is None


# --- people with phones --------------------------------------------------------------


class Role(StrEnum):
    GUIDE = "guide"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A paired phone. ``token_hash`` is the SHA-256 of the bearer token."""

    id: str
    guide_name: str
    role: Role
    device: str
    token_hash: str
    paired_at: datetime
    last_used_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingCode:
    """A single-use invitation for one phone, stored as SHA-256 of the code."""

    code_hash: str
    guide_name: str
    role: Role
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One link of the hash chain: who did what to which subject, when and why."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    previous_hash: str
    hash: str
    signature: str


# --- enrollment ----------------------------------------------------------------------


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


# --- events: what the feed carries ----------------------------------------------------


class VisionState(StrEnum):
    """What the vision process is doing."""

    OFF = "off"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDetails:
    """A visit with what a guide needs before the greeting."""

    visit: Visit
    member: Member
    face_enrolled: bool
    summary: CardSummary
    recent_purchases: tuple[Purchase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOpened:
    details: VisitDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitChanged:
    details: VisitDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitClosed:
    visit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged:
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CamerasChanged:
    states: tuple[CameraState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionChanged:
    state: VisionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    session_id: str


Event = (
    VisitOpened
    | VisitChanged
    | VisitClosed
    | MemberChanged
    | CamerasChanged
    | VisionChanged
    | SessionEnded
)
