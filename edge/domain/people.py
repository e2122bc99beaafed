"""People with phones, and the log of what was done by whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a phone may do. A technician's sets the shop up for some hours, and sees no member."""

    GUIDE = "guide"
    MANAGER = "manager"
    TECHNICIAN = "technician"


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
