"""Membership: find, create, edit, note and open cards, each view with its audit entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict, Unpack

from edge.config import StoreConfig
from edge.domain import (
    AgeBand,
    AuditEntry,
    CardSummary,
    Language,
    Member,
    Note,
    Purchase,
    Session,
    Size,
    VisitDetails,
)
from edge.feed import Feed
from edge.rules.profile import Profile
from edge.store import Store

Reason = Literal["visit", "search", "enrollment", "request"]


class ProfileChanges(TypedDict, total=False):
    """Fields of a member to change; what is left out stays."""

    name: str
    card_number: str | None
    phone: str | None
    language: Language
    age_band: AgeBand | None
    sizes: tuple[Size, ...]
    preferences: tuple[str, ...]
    do_not_disturb: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A row of a search."""

    member: Member
    face_enrolled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """The whole member card."""

    member: Member
    summary: CardSummary
    purchases: tuple[Purchase, ...]
    notes: tuple[Note, ...]
    open_visit: VisitDetails | None
    consent_id: str | None
    templates: int
    look_alikes: tuple[Found, ...]


class Members:
    """``look_alikes`` gives the ids of members whom one's photos resembled."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        shop: StoreConfig,
        look_alikes: Callable[[str], frozenset[str]] = lambda _: frozenset(),
    ) -> None: ...

    async def search(self, guide: Session, text: str) -> list[Found]:
        """Members by part of the name, card number prefix or phone ending; at most 20."""
        ...

    async def create(self, guide: Session, profile: Profile) -> Member:
        """A new member. Raises ``BadRequest`` naming the field, ``Conflict`` if taken."""
        ...

    async def edit(
        self, guide: Session, member_id: str, **changes: Unpack[ProfileChanges]
    ) -> Member:
        """Change fields. Raises ``NotFound``, ``BadRequest``, ``Conflict``."""
        ...

    async def note(self, guide: Session, member_id: str, text: str) -> Note:
        """Write a remark on the card. Raises ``NotFound``, ``BadRequest``."""
        ...

    async def card(self, guide: Session, member_id: str, reason: Reason) -> CardView:
        """Open the card, audited in the same transaction. Raises ``NotFound``."""
        ...

    async def who_looked(self, guide: Session, member_id: str) -> list[AuditEntry]:
        """Who saw this card, when and why, the newest first. Raises ``NotFound``."""
        ...
