"""What the door to phones needs of the house, each part by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from aiohttp import web

from edge.config import CameraConfig, Polygon, PrivacyConfig, ScannerConfig, StoreConfig
from edge.domain import CameraState, PhotoFault, ScannerState, Symbology, VisionLoad, VisionState
from edge.feed import Feed
from edge.flows.answers import Answers
from edge.flows.arrivals import Arrivals
from edge.flows.catalogue import Catalogue
from edge.flows.enrollment import Enrollment
from edge.flows.first_run import FirstRun
from edge.flows.guards import Guards
from edge.flows.headquarters import Headquarters
from edge.flows.members import Members
from edge.flows.pairing import Pairing
from edge.flows.reconciliation import Reconciliation
from edge.flows.redemptions import Redemptions
from edge.flows.sales import Sales
from edge.flows.scans import Scans
from edge.metrics import Metrics, Watch
from edge.rules.checkup import CheckUp
from edge.store import Store


class VisionStatus(Protocol):
    """How vision is doing; ``edge.vision.client.Vision`` answers this."""

    @property
    def state(self) -> VisionState: ...
    @property
    def model(self) -> str | None: ...
    @property
    def cameras(self) -> Sequence[CameraState]: ...
    @property
    def load(self) -> VisionLoad | None: ...

    async def lend(self, camera_id: str) -> None: ...


class ReadCode(Protocol):
    """One code of a picture; ``edge.scanner.code.Code`` is one."""

    @property
    def text(self) -> str: ...
    @property
    def symbology(self) -> Symbology: ...
    @property
    def aim_id(self) -> str: ...


class ScannerStatus(Protocol):
    """How the scanners are doing, and what a picture says; ``edge.scanner.client.Scanners``."""

    @property
    def states(self) -> Sequence[ScannerState]: ...

    async def read(self, picture: bytes) -> Sequence[ReadCode] | PhotoFault: ...


class StillPicture(Protocol):
    """A frame as JPEG, and the size of the camera's own picture; ``edge.preview.link.Still``."""

    @property
    def jpeg(self) -> bytes: ...
    @property
    def width_px(self) -> int: ...
    @property
    def height_px(self) -> int: ...


class Preview(Protocol):
    """What a camera sees just now; ``edge.preview.client.Previews``."""

    async def still(self, camera: CameraConfig, masks: Sequence[Polygon]) -> StillPicture: ...


class Doctor(Protocol):
    """What was found of this machine; ``edge.app.rounds.Rounds``."""

    async def last(self) -> CheckUp: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The collaborators of the handlers.

    ``vision`` is None where face matching is off. ``address`` tells the HTTPS address that
    phones on the LAN reach now, e.g. ``https://192.168.1.20:8443``; ``ca_certificate`` (DER) is
    what they are asked to trust.
    """

    store: Store
    feed: Feed
    arrivals: Arrivals
    answers: Answers
    guards: Guards
    enrollment: Enrollment
    members: Members
    catalogue: Catalogue
    pairing: Pairing
    redemptions: Redemptions
    sales: Sales
    scans: Scans
    reconciliation: Reconciliation
    headquarters: Headquarters
    metrics: Metrics
    watch: Watch
    doctor: Doctor
    vision: VisionStatus | None
    scanners: ScannerStatus
    shop: StoreConfig
    privacy: PrivacyConfig
    first_run: FirstRun
    previews: Preview
    cameras: Sequence[CameraConfig]
    devices: Sequence[CameraConfig | ScannerConfig]
    address: Callable[[], str]
    ca_certificate: bytes
    clock: Callable[[], datetime]
    started_at: datetime

    @property
    def places(self) -> Mapping[str, str]:
        """The name that guides see for each camera and scanner."""
        return {device.id: device.place or device.id for device in self.devices}


PARTS = web.AppKey("parts", Parts)
