"""What phones receive: response bodies and the feed's messages. What they send: ``requests``.

The OpenAPI document is made from both. Times are RFC 3339 in UTC, money is a decimal string.
"""

from __future__ import annotations

from edge.clienteling_api.wire.catalogue import ProductView, VariantView
from edge.clienteling_api.wire.feed import (
    AttackSeen,
    CamerasChanged,
    FeedMessage,
    Hello,
    MemberChanged,
    RedemptionChanged,
    ScannersChanged,
    SessionEnded,
    VisionChanged,
    VisitChanged,
    VisitClosed,
    VisitOpened,
)
from edge.clienteling_api.wire.gateway import (
    CameraList,
    CameraView,
    Health,
    Problem,
    ScannerView,
)
from edge.clienteling_api.wire.members import (
    AuditList,
    AuditView,
    ConsentList,
    ConsentView,
    MemberList,
    MemberView,
    Notice,
    PhotoJudgement,
    Withdrawn,
)
from edge.clienteling_api.wire.phones import Me, Paired, PairingCodeView, SessionList, SessionView
from edge.clienteling_api.wire.visits import (
    Card,
    GuardList,
    GuardView,
    Position,
    VisitList,
    VisitView,
)
from edge.clienteling_api.wire.vouchers import (
    DoubleUseList,
    DoubleUseView,
    LifeEvent,
    Verdict,
    VoucherLife,
    VoucherView,
)

__all__ = [
    "AttackSeen",
    "AuditList",
    "AuditView",
    "CameraList",
    "CameraView",
    "CamerasChanged",
    "Card",
    "ConsentList",
    "ConsentView",
    "DoubleUseList",
    "DoubleUseView",
    "FeedMessage",
    "GuardList",
    "GuardView",
    "Health",
    "Hello",
    "LifeEvent",
    "Me",
    "MemberChanged",
    "MemberList",
    "MemberView",
    "Notice",
    "Paired",
    "PairingCodeView",
    "PhotoJudgement",
    "Position",
    "Problem",
    "ProductView",
    "RedemptionChanged",
    "ScannerView",
    "ScannersChanged",
    "SessionEnded",
    "SessionList",
    "SessionView",
    "VariantView",
    "Verdict",
    "VisionChanged",
    "VisitChanged",
    "VisitClosed",
    "VisitList",
    "VisitOpened",
    "VisitView",
    "VoucherLife",
    "VoucherView",
    "Withdrawn",
]
