"""Enrollment with consent: receipt first, then photos, and the way back out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.config import PrivacyConfig, StoreConfig
from edge.domain import AuditEntry, Consent, Language, Member, PhotoFault, Session, Template
from edge.feed import Feed
from edge.rules.identity import Thresholds
from edge.rules.notice import Notice
from edge.store import Store
from edge.vision.link import Judged


class Gallery(Protocol):
    """What flows need of vision. Each raises ``VisionUnavailable`` when it is not ready."""

    async def add(self, templates: list[Template]) -> None: ...

    async def remove(self, member_id: str) -> None: ...

    async def judge(self, photo: bytes) -> Judged: ...

    async def capture(self, camera_id: str, timeout_s: float) -> Judged: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoResult:
    """One photo's fate. ``templates`` counts those stored under the consent now."""

    accepted: bool
    fault: PhotoFault | None
    templates: int
    look_alikes: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A consent that has ended. ``proof`` is the signed audit entry of the erasure."""

    consent: Consent
    templates_erased: int
    proof: AuditEntry


class Enrollment:
    """``gallery`` is None where face matching is off."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        gallery: Gallery | None,
        clock: Callable[[], datetime],
        *,
        privacy: PrivacyConfig,
        shop: StoreConfig,
        thresholds: Thresholds,
    ) -> None: ...

    def notice(self, language: Language) -> Notice:
        """The notice to read before consent. Raises ``FaceMatchingOff``."""
        ...

    async def consent(
        self, guide: Session, member_id: str, *, language: Language, notice_version: str
    ) -> Consent:
        """Record a consent with its signed receipt, before any photo.

        Raises ``FaceMatchingOff``, ``NotFound``, and ``Conflict`` for a minor, an outdated
        notice, or a consent under another notice. The same consent again is returned as is.
        """
        ...

    async def add_photo(self, guide: Session, consent_id: str, photo: bytes) -> PhotoResult:
        """Judge a photo (JPEG, PNG or WebP) and keep its template.

        Raises ``FaceMatchingOff``, ``NotFound``, ``Conflict`` (consent ended, or enough
        templates) and ``VisionUnavailable``.
        """
        ...

    async def add_door_photo(self, guide: Session, consent_id: str, camera_id: str) -> PhotoResult:
        """Let a camera take the photo while the member stands there."""
        ...

    async def withdraw(self, guide: Session, consent_id: str) -> Withdrawal:
        """End a consent and erase its templates; the same again returns the same proof."""
        ...

    async def consents(self, member_id: str) -> list[Consent]:
        """Every consent of a member, the newest first."""
        ...

    async def get(self, consent_id: str) -> Consent:
        """One consent. Raises ``NotFound``."""
        ...

    def copy_text(self, consent: Consent) -> str:
        """The member's copy of the receipt, short enough for a QR code."""
        ...

    def look_alikes(self, member_id: str) -> frozenset[str]:
        """Ids of members whom this one's photos resembled; remembered until restart."""
        ...

    async def catch_up(self) -> None:
        """Bring the gallery in line with the store; call when vision has become ready."""
        ...

    async def end_retention(self) -> int:
        """Erase what has outlived its retention; returns how many consents ended."""
        ...
