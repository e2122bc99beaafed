"""The setup page: what is settled, what was found, what a camera sees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from edge.clienteling_api.wire.body import Response
from edge.clienteling_api.wire.gateway import LineView
from edge.domain import CameraState, ClaimFault, Language, Role, ScannerKind, ScannerState


class StoreSettings(Response, frozen=True, kw_only=True):
    """``id_is_settled`` once the shop has members: the id stays then."""

    id: str
    id_is_settled: bool
    name: str
    time_zone: str
    language: Language


class ControllerSettings(Response, frozen=True, kw_only=True):
    name: str
    address: str
    contact: str


class PrivacySettings(Response, frozen=True, kw_only=True):
    """``why_off`` says what keeps face matching off; null where it may run."""

    profile: Literal["off", "demo", "eu", "uk", "cn", "us"]
    assessment: str
    sign_confirmed_on: date | None
    retention_months: int
    notice_url: str | None
    controller: ControllerSettings | None
    why_off: str | None


class CameraSettings(Response, frozen=True, kw_only=True):
    """``address`` is without user and password; ``state`` is null while nothing looks."""

    id: str
    place: str
    address: str
    zone: list[tuple[float, float]] | None
    masks: list[list[tuple[float, float]]]
    counts: Literal["in", "out"] | None
    state: CameraState | None


class ScannerSettings(Response, frozen=True, kw_only=True):
    """``state`` is null until the gateway has opened with this scanner."""

    id: str
    kind: ScannerKind
    source: str
    place: str
    state: ScannerState | None


class ClaimView(Response, frozen=True, kw_only=True):
    """A claim, and how it stands.

    ``unconfirmed``: it is sound, and was not kept; a person compares ``authority``, the SHA-256 of
    the headquarters that signed it in 64 hexadecimal digits, with what is known there, and hands it
    over again with it. ``waiting``: it is kept, and headquarters is asked until it expires.
    ``refused``: it is not kept; ``fault`` says why. Once it was used there is none any more.
    """

    state: Literal["unconfirmed", "waiting", "refused"]
    store_id: str | None = None
    store_name: str | None = None
    headquarters: str | None = None
    authority: str | None = None
    expires_at: datetime | None = None
    said: str | None = None
    fault: ClaimFault | None = None


class Settings(Response, frozen=True, kw_only=True):
    """The shop as its configuration says. ``started_at`` moves when the gateway opens anew."""

    started_at: datetime
    version: str
    role: Role
    address: str
    store: StoreSettings
    privacy: PrivacySettings
    cameras: list[CameraSettings]
    scanners: list[ScannerSettings]
    headquarters_url: str | None
    headquarters: LineView | None
    claim: ClaimView | None
    managers: int


class Changed(Response, frozen=True, kw_only=True):
    """``opens_anew``: the gateway closes and opens with what was written, within seconds."""

    opens_anew: bool


class FoundCamera(Response, frozen=True, kw_only=True):
    """A camera that answered on the network, or one that is plugged in, whose ``address`` is ready
    to use. ``id`` is the device's own.
    """

    id: str
    name: str
    hardware: str
    addresses: list[str]
    address: str | None


class FoundCameras(Response, frozen=True, kw_only=True):
    cameras: list[FoundCamera]


class StreamView(Response, frozen=True, kw_only=True):
    """A stream of a camera; 0 where it does not say."""

    name: str
    codec: str
    width_px: int
    height_px: int
    fps: float
    address: str
    recommended: bool


class Streams(Response, frozen=True, kw_only=True):
    """``clock_off_s`` is how far the camera's clock is ahead of the gateway's."""

    maker: str
    model: str
    clock_off_s: float
    streams: list[StreamView]


class Still(Response, frozen=True, kw_only=True):
    """``jpeg`` is at most 960 px wide; the sizes are those of the camera's own picture."""

    jpeg: bytes
    width_px: int
    height_px: int


class FoundScanner(Response, frozen=True, kw_only=True):
    kind: ScannerKind
    source: str
    name: str


class FoundScanners(Response, frozen=True, kw_only=True):
    scanners: list[FoundScanner]


class Sign(Response, frozen=True, kw_only=True):
    """The sign for the door as a PDF, A4."""

    pdf: bytes
    file_name: str
