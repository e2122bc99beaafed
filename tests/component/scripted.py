"""Vision and scanners as a test scripts them, where their processes would stand."""

from __future__ import annotations

from datetime import UTC, datetime

from edge.domain import (
    CameraState,
    CameraStatus,
    PhotoFault,
    ScannerKind,
    ScannerState,
    ScannerStatus,
    Template,
    VisionLoad,
    VisionState,
)
from edge.scanner.code import Code
from edge.vision.link import Judged


class ScriptedVision:
    """Stands where the vision process stands: judges every photo as told."""

    state = VisionState.READY
    model = "sface"
    load: VisionLoad | None = None
    restarts = sightings_dropped = events_waiting = 0
    threshold, members = 0.49, 90

    def __init__(self) -> None:
        self.verdict = Judged(request_id=0, fault=PhotoFault.NO_FACE)
        self.cameras = [
            CameraState(
                camera_id="door", status=CameraStatus.LIVE, since_at=datetime.now(UTC), fps=15.0
            )
        ]
        self.photos: list[int] = []
        self.lent: list[str] = []

    async def add(self, templates: list[Template]) -> None: ...

    async def remove(self, member_id: str) -> None: ...

    async def lend(self, camera_id: str) -> None:
        self.lent.append(camera_id)

    async def judge(self, photo: bytes) -> Judged:
        self.photos.append(len(photo))
        return self.verdict

    async def capture(self, camera_id: str, timeout_s: float) -> Judged:
        return self.verdict


class ScriptedScanners:
    """Stands where the scanners stand: one, and it is ready."""

    load = None
    restarts = scans_waiting = 0

    def __init__(self) -> None:
        self.codes: tuple[Code, ...] | PhotoFault = ()
        self.states = [
            ScannerState(
                scanner_id="till",
                kind=ScannerKind.TCP,
                status=ScannerStatus.READY,
                since_at=datetime.now(UTC),
            )
        ]

    async def read(self, picture: bytes) -> tuple[Code, ...] | PhotoFault:
        return self.codes
