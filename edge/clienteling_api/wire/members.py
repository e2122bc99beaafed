"""Members, their consents and their photos, as phones see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from edge.clienteling_api.wire.body import Response
from edge.domain import Language, PhotoFault, Size


class MemberView(Response, frozen=True, kw_only=True):
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


class MemberList(Response, frozen=True, kw_only=True):
    members: list[MemberView]


class ConsentView(Response, frozen=True, kw_only=True):
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


class ConsentList(Response, frozen=True, kw_only=True):
    consents: list[ConsentView]


class AuditView(Response, frozen=True, kw_only=True):
    at: datetime
    actor: str
    action: str
    reason: str


class AuditList(Response, frozen=True, kw_only=True):
    entries: list[AuditView]


class Notice(Response, frozen=True, kw_only=True):
    """The notice read before consent, in one language, as short paragraphs."""

    version: str
    language: Language
    title: str
    paragraphs: list[str]
    agree_label: str


class PhotoJudgement(Response, frozen=True, kw_only=True):
    """One photo's fate. ``message`` tells the person what to change."""

    accepted: bool
    fault: PhotoFault | None
    message: str
    templates: int
    look_alikes: list[MemberView]


class Withdrawn(Response, frozen=True, kw_only=True):
    """``proof`` is the signed audit entry of the erasure."""

    consent_id: str
    withdrawn_at: datetime
    templates_erased: int
    proof: dict[str, Any]


class CardCodeView(Response, frozen=True, kw_only=True):
    """The code of a member's card; ``qr_svg`` draws it. ``turns_at`` is null for a printed one."""

    text: str
    qr_svg: str
    turns_at: datetime | None
