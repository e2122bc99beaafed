"""How the gateway itself is, and what it answers when it cannot."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from edge.clienteling_api.wire.body import Response
from edge.domain import CameraState, LineStatus, ModelRun, ScannerState, VisionState


class CameraView(Response, frozen=True, kw_only=True):
    place: str
    state: CameraState


class CameraList(Response, frozen=True, kw_only=True):
    cameras: list[CameraView]


class ScannerView(Response, frozen=True, kw_only=True):
    place: str
    state: ScannerState


class LineView(Response, frozen=True, kw_only=True):
    """The line to headquarters, as every phone may know it.

    What is known of members is as of ``in_line_at``; ``trouble`` is a code of
    docs/headquarters.md, null where the last round went well.
    """

    status: LineStatus
    in_line_at: datetime | None
    trouble: str | None
    trouble_since_at: datetime | None
    matching_rests: bool


class Health(Response, frozen=True, kw_only=True):
    """``status`` is ``ok`` or ``degraded``; never an address, a name or a number of members.

    ``headquarters`` is null where none is configured.
    """

    status: Literal["ok", "degraded"]
    version: str
    store_id: str
    face_matching: bool
    face_matching_off_because: str | None
    face_matching_rests_because: str | None
    vision: VisionState
    model: str | None
    models: list[ModelRun]
    members_of_another_model: int
    cameras: list[CameraView]
    scanners: list[ScannerView]
    headquarters: LineView | None
    database: Literal["ok", "unavailable"]
    phones_connected: int
    uptime_s: float


class Problem(Response, frozen=True, kw_only=True):
    """RFC 9457. ``code`` is stable; ``field`` names the part of the request at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
