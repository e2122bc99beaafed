"""What phones receive: response bodies and the feed's messages. What they send: ``requests``.

The OpenAPI document is made from both. Times are RFC 3339 in UTC, money is a decimal string.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from edge.domain import (
    ArrivedBy,
    CameraState,
    CardSummary,
    Claim,
    Language,
    Member,
    Note,
    PhotoFault,
    Purchase,
    Role,
    Size,
    VisionState,
)


class _Response(msgspec.Struct, frozen=True, kw_only=True):
    """A body to a phone."""


class Paired(_Response, frozen=True, kw_only=True):
    """``token`` is shown once; browsers get it as a cookie as well."""

    token: str
    session_id: str
    guide_name: str
    role: Role


class Me(_Response, frozen=True, kw_only=True):
    session_id: str
    guide_name: str
    role: Role
    store_id: str
    store_name: str
    timezone: str
    language: Language
    version: str
    face_matching: bool
    face_matching_off_because: str | None


class SessionView(_Response, frozen=True, kw_only=True):
    """A paired phone, as the manager sees it."""

    id: str
    guide_name: str
    role: Role
    device: str
    paired_at: datetime
    last_used_at: datetime
    this_phone: bool


class SessionList(_Response, frozen=True, kw_only=True):
    sessions: list[SessionView]


class PairingCodeView(_Response, frozen=True, kw_only=True):
    """``url`` is what the QR holds; ``qr_svg`` draws it."""

    code: str
    url: str
    qr_svg: str
    expires_at: datetime


class MemberView(_Response, frozen=True, kw_only=True):
    """What a list or an alert needs: no notes, no phone number beyond its last digits."""

    id: str
    name: str
    card_number: str | None
    phone_ending: str | None
    language: Language
    sizes: tuple[Size, ...]
    preferences: tuple[str, ...]
    do_not_disturb: bool
    face_enrolled: bool


class VisitView(_Response, frozen=True, kw_only=True):
    """A visit with all that an alert shows."""

    id: str
    arrived_by: ArrivedBy
    claim: Claim
    place: str
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    answered_by: str | None
    member: MemberView
    summary: CardSummary
    recent_purchases: list[Purchase]


class Position(_Response, frozen=True, kw_only=True):
    """A place in the feed: connect with ``?epoch=…&after=…`` to hear all that follows."""

    epoch: str
    sequence: int


class VisitList(_Response, frozen=True, kw_only=True):
    visits: list[VisitView]
    position: Position


class MemberList(_Response, frozen=True, kw_only=True):
    members: list[MemberView]


class ConsentView(_Response, frozen=True, kw_only=True):
    """A consent with its signed receipt. ``notice`` is the text that was agreed to."""

    id: str
    member_id: str
    notice_version: str
    language: Language
    given_at: datetime
    withdrawn_at: datetime | None
    receipt: dict[str, Any]
    signature: str
    copy_text: str
    copy_qr_svg: str


class ConsentList(_Response, frozen=True, kw_only=True):
    consents: list[ConsentView]


class Card(_Response, frozen=True, kw_only=True):
    """The whole member card. Each view of it is written to the audit log."""

    member: Member
    summary: CardSummary
    purchases: list[Purchase]
    notes: list[Note]
    open_visit: VisitView | None
    consent_id: str | None
    templates: int
    look_alikes: list[MemberView]


class AuditView(_Response, frozen=True, kw_only=True):
    at: datetime
    actor: str
    action: str
    reason: str


class AuditList(_Response, frozen=True, kw_only=True):
    entries: list[AuditView]


class Notice(_Response, frozen=True, kw_only=True):
    """The notice read before consent, in one language, as short paragraphs."""

    version: str
    language: Language
    title: str
    paragraphs: list[str]
    agree_label: str


class PhotoJudgement(_Response, frozen=True, kw_only=True):
    """One photo's fate. ``message`` tells the person what to change."""

    accepted: bool
    fault: PhotoFault | None
    message: str
    templates: int
    look_alikes: list[MemberView]


class Withdrawn(_Response, frozen=True, kw_only=True):
    """``proof`` is the signed audit entry of the erasure."""

    consent_id: str
    withdrawn_at: datetime
    templates_erased: int
    proof: dict[str, Any]


class CameraList(_Response, frozen=True, kw_only=True):
    cameras: list[CameraView]


class CameraView(_Response, frozen=True, kw_only=True):
    place: str
    state: CameraState


class Health(_Response, frozen=True, kw_only=True):
    """``status`` is ``ok`` or ``degraded``; never an address, a name or a number of members."""

    status: Literal["ok", "degraded"]
    version: str
    store_id: str
    face_matching: bool
    face_matching_off_because: str | None
    vision: VisionState
    model: str | None
    members_of_another_model: int
    cameras: list[CameraView]
    database: Literal["ok", "unavailable"]
    phones_connected: int
    uptime_s: float


class Problem(_Response, frozen=True, kw_only=True):
    """RFC 9457. ``code`` is stable; ``field`` names the part of the request at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None


# --- the feed (WebSocket, JSON text frames, gateway to phone) --------------------------


class _FeedMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """``sequence`` grows with each event; numbers not meant for this phone are left out.

    ``hello`` carries the sequence the phone stands at; each later message the one to resume from.
    """

    sequence: int


class Hello(_FeedMessage, frozen=True, kw_only=True, tag="hello"):
    """First message. ``resync`` means: what was missed is gone, load the state again."""

    epoch: str
    resync: bool


class VisitOpened(_FeedMessage, frozen=True, kw_only=True, tag="visit.opened"):
    visit: VisitView


class VisitChanged(_FeedMessage, frozen=True, kw_only=True, tag="visit.changed"):
    visit: VisitView


class VisitClosed(_FeedMessage, frozen=True, kw_only=True, tag="visit.closed"):
    visit_id: str


class MemberChanged(_FeedMessage, frozen=True, kw_only=True, tag="member.changed"):
    member_id: str


class CamerasChanged(_FeedMessage, frozen=True, kw_only=True, tag="cameras.changed"):
    cameras: list[CameraView]


class VisionChanged(_FeedMessage, frozen=True, kw_only=True, tag="vision.changed"):
    state: VisionState


class SessionEnded(_FeedMessage, frozen=True, kw_only=True, tag="session.ended"):
    """This phone was revoked; forget everything."""


FeedMessage = (
    Hello
    | VisitOpened
    | VisitChanged
    | VisitClosed
    | MemberChanged
    | CamerasChanged
    | VisionChanged
    | SessionEnded
)
