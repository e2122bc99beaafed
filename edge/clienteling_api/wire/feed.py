"""The feed: WebSocket, JSON text frames, gateway to phone."""

from __future__ import annotations

from datetime import datetime

import msgspec

from edge.clienteling_api.wire.gateway import CameraView, LineView, ScannerView
from edge.clienteling_api.wire.visits import VisitView
from edge.domain import CodeKind, Redemption, VisionState


class _FeedMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """``sequence`` grows with each event; numbers not meant for this phone are left out.

    ``hello`` carries the sequence the phone stands at; each later message the one to resume from.
    """

    sequence: int


class Hello(_FeedMessage, frozen=True, kw_only=True, tag="hello"):
    """First message. ``resync`` means: what was missed is gone, load the state again."""

    epoch: str
    resync: bool


class VisitOpened(_FeedMessage, frozen=True, kw_only=True, tag="visit.opened"):
    visit: VisitView


class VisitChanged(_FeedMessage, frozen=True, kw_only=True, tag="visit.changed"):
    visit: VisitView


class VisitClosed(_FeedMessage, frozen=True, kw_only=True, tag="visit.closed"):
    visit_id: str


class MemberChanged(_FeedMessage, frozen=True, kw_only=True, tag="member.changed"):
    member_id: str


class RedemptionChanged(_FeedMessage, frozen=True, kw_only=True, tag="redemption.changed"):
    redemption: Redemption


class CamerasChanged(_FeedMessage, frozen=True, kw_only=True, tag="cameras.changed"):
    cameras: list[CameraView]


class ScannersChanged(_FeedMessage, frozen=True, kw_only=True, tag="scanners.changed"):
    scanners: list[ScannerView]


class ScanHeard(_FeedMessage, frozen=True, kw_only=True, tag="scan.heard"):
    """A scanner of the shop read a code. What it is, `POST /scans/{scan_id}` answers."""

    scan_id: str
    scanner_id: str
    place: str
    what: CodeKind
    scanned_at: datetime


class VisionChanged(_FeedMessage, frozen=True, kw_only=True, tag="vision.changed"):
    state: VisionState


class LineChanged(_FeedMessage, frozen=True, kw_only=True, tag="line.changed"):
    line: LineView


class AttackSeen(_FeedMessage, frozen=True, kw_only=True, tag="attack.seen"):
    """A face on paper or a screen was held up here. Nobody is named; nothing of it is kept."""

    place: str
    seen_at: datetime


class SessionEnded(_FeedMessage, frozen=True, kw_only=True, tag="session.ended"):
    """This phone was revoked; forget everything."""


FeedMessage = (
    Hello
    | VisitOpened
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
