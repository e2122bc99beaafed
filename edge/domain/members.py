"""Members, what is known of them, and their consent to be recognised."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


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
