"""What is decided when a shop is set up: on the page in the browser, or by a claim file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from edge.domain.members import Language
from edge.domain.scanners import ScannerKind


class ClaimFault(StrEnum):
    """Why a claim is refused."""

    UNREADABLE = "unreadable"
    """No claim file, or a torn one."""
    CHANGED = "changed"
    """Not what headquarters signed."""
    EXPIRED = "expired"
    FOREIGN = "foreign"
    """Of a headquarters that this machine has no reason to trust."""
    BELONGS = "belongs"
    """This machine belongs to a headquarters already."""
    OTHER_STORE = "other_store"
    """This shop has members, and the claim is another store's."""
    BUSY = "busy"
    """Somebody claims this machine at its console just now."""
    SETTINGS = "settings"
    """What it decides of the shop cannot be used here."""
    USED = "used"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    """Headquarters knows no such claim."""
    MISGIVEN = "misgiven"
    """Headquarters answered with a certificate that is not this store's."""


Corners = tuple[tuple[float, float], ...]
"""A polygon: corners as fractions of the picture's width and height."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupCamera:
    """A camera as the file is to have it. ``source`` None keeps the address that it has there,
    so that nobody needs to be shown a password to move a zone.
    """

    id: str
    source: str | None = None
    place: str = ""
    zone: Corners | None = None
    masks: tuple[Corners, ...] = ()
    counts: Literal["in", "out"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupScanner:
    """A scanner as the file is to have it; ``source`` None keeps what it has there."""

    id: str
    kind: ScannerKind
    source: str | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupController:
    """Who answers for the data."""

    name: str
    address: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Settings to write. None leaves what the file says; a tuple takes the place of the whole list.

    ``headquarters_credentials`` is the folder of what headquarters gave this store, there already.
    """

    store_id: str | None = None
    store_name: str | None = None
    time_zone: str | None = None
    language: Language | None = None
    cameras: tuple[SetupCamera, ...] | None = None
    scanners: tuple[SetupScanner, ...] | None = None
    privacy_profile: Literal["off", "eu", "uk", "cn", "us"] | None = None
    assessment: str | None = None
    sign_confirmed_on: date | None = None
    retention_months: int | None = None
    notice_url: str | None = None
    controller: SetupController | None = None
    headquarters_url: str | None = None
    headquarters_credentials: str | None = None
