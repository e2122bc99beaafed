"""The words of the shop as values: frozen, slotted, keyword-only, and free of I/O.

Times are timezone-aware UTC and end in ``_at``; durations and sizes carry their unit.
"""

from __future__ import annotations

from edge.domain.events import (
    CamerasChanged,
    Event,
    MemberChanged,
    SessionEnded,
    VisionChanged,
    VisitChanged,
    VisitClosed,
    VisitOpened,
)
from edge.domain.ids import new_id
from edge.domain.members import (
    AgeBand,
    CardSummary,
    Consent,
    Garment,
    Language,
    Member,
    Note,
    Purchase,
    Size,
    SizeSystem,
    Template,
    Trend,
)
from edge.domain.people import AuditEntry, PairingCode, Role, Session
from edge.domain.scanning import Scan, Symbology
from edge.domain.vision import (
    CameraState,
    CameraStatus,
    Candidate,
    Nobody,
    PhotoFault,
    Probe,
    Recognised,
    Recognition,
    Sighting,
    Stage,
    StageTime,
    VisionLoad,
    VisionState,
)
from edge.domain.visits import ArrivedBy, Claim, Visit, VisitDetails

__all__ = [
    "AgeBand",
    "ArrivedBy",
    "AuditEntry",
    "CameraState",
    "CameraStatus",
    "CamerasChanged",
    "Candidate",
    "CardSummary",
    "Claim",
    "Consent",
    "Event",
    "Garment",
    "Language",
    "Member",
    "MemberChanged",
    "Nobody",
    "Note",
    "PairingCode",
    "PhotoFault",
    "Probe",
    "Purchase",
    "Recognised",
    "Recognition",
    "Role",
    "Scan",
    "Session",
    "SessionEnded",
    "Sighting",
    "Size",
    "SizeSystem",
    "Stage",
    "StageTime",
    "Symbology",
    "Template",
    "Trend",
    "VisionChanged",
    "VisionLoad",
    "VisionState",
    "Visit",
    "VisitChanged",
    "VisitClosed",
    "VisitDetails",
    "VisitOpened",
    "new_id",
]
