"""What the setup page sends."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from edge.clienteling_api.requests import Name, Request
from edge.config import Identifier, Polygon
from edge.domain import Language, ScannerKind

MASKS_MAX = 8
CLAIM_MAX = 60_000
"""Characters; with what JSON adds to them it stays below what a body may hold."""
Corners = Annotated[Polygon, Meta(max_length=24)]
Masks = Annotated[list[Corners], Meta(max_length=MASKS_MAX)]
Place = Annotated[str, Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
User = Annotated[str, Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
Postal = Annotated[
    str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*\Z")
]
Password = Annotated[str, Meta(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
CameraAddress = Annotated[
    str, Meta(max_length=500, pattern=r"^((rtsps?|https?)://[^\s]+|/dev/[^\s]+)\Z")
]
DeviceAddress = Annotated[str, Meta(max_length=500, pattern=r"^https?://[^\s/@]+(/[^\s]*)?\Z")]


class CameraSource(Request, frozen=True, kw_only=True):
    """Where a camera is: one of the configuration by its id, or an address with its user."""

    camera_id: Identifier | None = None
    address: CameraAddress | None = None
    user: User = ""
    password: Password = ""


class CameraBody(CameraSource, frozen=True, kw_only=True):
    """A camera of the shop. With ``camera_id`` and no ``address`` it keeps the one that it has."""

    camera_id: Identifier
    place: Place = ""
    zone: Corners | None = None
    masks: Masks = msgspec.field(default_factory=list)
    counts: Literal["in", "out"] | None = None


class ScannerBody(Request, frozen=True, kw_only=True):
    """A scanner of the shop. Without ``source`` it keeps the one that it has."""

    scanner_id: Identifier
    kind: ScannerKind
    source: Annotated[str, Meta(max_length=200, pattern=r"^[^\s]+\Z")] | None = None
    place: Place = ""


class ControllerBody(Request, frozen=True, kw_only=True):
    """Who answers for the data."""

    name: Name
    address: Postal
    contact: Name


class SettingsRequest(Request, frozen=True, kw_only=True):
    """Settings to write; what is left out stays. A list takes the place of the whole list."""

    store_id: Identifier | UnsetType = UNSET
    store_name: Name | UnsetType = UNSET
    time_zone: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}\Z")] | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    cameras: Annotated[list[CameraBody], Meta(max_length=16)] | UnsetType = UNSET
    scanners: Annotated[list[ScannerBody], Meta(max_length=32)] | UnsetType = UNSET
    privacy_profile: Literal["off", "eu", "uk", "cn", "us"] | UnsetType = UNSET
    assessment: Place | UnsetType = UNSET
    sign_confirmed_on: date | UnsetType = UNSET
    retention_months: Annotated[int, Meta(ge=1, le=36)] | UnsetType = UNSET
    notice_url: Annotated[str, Meta(max_length=300, pattern=r"^https?://[^\s]+\Z")] | UnsetType = (
        UNSET
    )
    controller: ControllerBody | UnsetType = UNSET


class ClaimRequest(Request, frozen=True, kw_only=True):
    """A claim file as it is, and its headquarters' fingerprint once a person has compared that."""

    file: Annotated[str, Meta(max_length=CLAIM_MAX)]
    authority: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")] | UnsetType = UNSET


class StreamsRequest(Request, frozen=True, kw_only=True):
    """A network camera by the addresses of its device service, and its user."""

    addresses: Annotated[list[DeviceAddress], Meta(min_length=1, max_length=8)]
    user: User = ""
    password: Password = ""


class StillRequest(CameraSource, frozen=True, kw_only=True):
    """A still of a camera, black where the masks are."""

    masks: Masks = msgspec.field(default_factory=list)


class SignQuery(Request, frozen=True, kw_only=True):
    """The language of the sign; without one, the shop's."""

    language: Language | msgspec.UnsetType = msgspec.UNSET
