"""What the feed carries to everyone in the gateway who listens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from edge.domain.headquarters import LineState
from edge.domain.redemptions import Redemption
from edge.domain.scanners import ScannerState
from edge.domain.scanning import CodeKind
from edge.domain.vision import CameraState, VisionState
from edge.domain.visits import VisitDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOpened:
    details: VisitDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitChanged:
    details: VisitDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitClosed:
    visit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged:
    member_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionChanged:
    redemption: Redemption


@dataclass(frozen=True, slots=True, kw_only=True)
class CamerasChanged:
    states: tuple[CameraState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannersChanged:
    states: tuple[ScannerState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanHeard:
    """A scanner of the shop read a code. What it says is asked for by ``scan_id``."""

    scan_id: str
    scanner_id: str
    kind: CodeKind
    scanned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionChanged:
    state: VisionState


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChanged:
    """The line to headquarters came, went, or let face matching rest or go on."""

    line: LineState
    matching_rests: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackSeen:
    """A face on paper or a screen was held up at a place (a presentation attack). Nobody's name."""

    place: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded:
    session_id: str


Event = (
    VisitOpened
    | VisitChanged
    | VisitClosed
    | MemberChanged
    | RedemptionChanged
    | CamerasChanged
    | ScannersChanged
    | ScanHeard
    | VisionChanged
    | LineChanged
    | AttackSeen
    | SessionEnded
)
