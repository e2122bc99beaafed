"""Pairing, and the phones that are paired."""

from __future__ import annotations

from datetime import datetime

from edge.clienteling_api.wire.body import Response
from edge.domain import Language, Role


class Paired(Response, frozen=True, kw_only=True):
    """``token`` is shown once; browsers get it as a cookie as well."""

    token: str
    session_id: str
    guide_name: str
    role: Role


class AuthorityView(Response, frozen=True, kw_only=True):
    """The shop's own authority: the SHA-256 of its certificate, and when it ends."""

    fingerprint_sha256: str
    ends_at: datetime


class Me(Response, frozen=True, kw_only=True):
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


class SessionView(Response, frozen=True, kw_only=True):
    """A paired phone, as the manager sees it."""

    id: str
    guide_name: str
    role: Role
    device: str
    paired_at: datetime
    last_used_at: datetime
    this_phone: bool


class SessionList(Response, frozen=True, kw_only=True):
    sessions: list[SessionView]


class PairingCodeView(Response, frozen=True, kw_only=True):
    """``url`` is what the QR holds; ``qr_svg`` draws it."""

    code: str
    url: str
    qr_svg: str
    expires_at: datetime
