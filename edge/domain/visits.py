"""A member's stay in the shop, and what is claimed about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge.domain.members import CardSummary, Member, Purchase


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


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDetails:
    """A visit with what a guide needs before the greeting.

    ``look_alikes`` are the names of members whom this one is easily taken for.
    """

    visit: Visit
    member: Member
    face_enrolled: bool
    summary: CardSummary
    recent_purchases: tuple[Purchase, ...]
    look_alikes: tuple[str, ...] = ()
