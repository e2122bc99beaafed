"""The real door to phones on loopback, on a real store, with a gallery that a test can script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from edge.clienteling_api.addresses import Names
from edge.clienteling_api.authority import Authority
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.server import Doors, build, listen, serve
from edge.config import (
    ApiConfig,
    CameraConfig,
    CodesConfig,
    ControllerConfig,
    PrivacyConfig,
    ScannerConfig,
    StoreConfig,
    VouchersConfig,
)
from edge.domain import (
    CameraState,
    CameraStatus,
    Candidate,
    PhotoFault,
    Role,
    ScannerKind,
    ScannerState,
    ScannerStatus,
    Sighting,
    Template,
    VisionLoad,
    VisionState,
    new_id,
)
from edge.feed import Feed
from edge.flows.answers import Answers
from edge.flows.arrivals import Arrivals
from edge.flows.attacks import Attacks
from edge.flows.catalogue import Catalogue
from edge.flows.enrollment import Enrollment
from edge.flows.guards import Guards
from edge.flows.guesses import Guesses
from edge.flows.members import Members
from edge.flows.memory import Memory
from edge.flows.pairing import Pairing
from edge.flows.reconciliation import Reconciliation
from edge.flows.redemptions import Redemptions
from edge.flows.scans import Scans
from edge.flows.thresholds import CurrentThresholds
from edge.metrics import Metrics, Watch
from edge.rules.identity import Thresholds
from edge.scanner.code import Code
from edge.store import Store
from edge.vision.link import Judged

SHOP = StoreConfig(id="test-shop", name="Test Shop")
PRIVACY = PrivacyConfig(
    profile="eu",
    assessment="DPIA 7",
    sign_confirmed_on=date(2026, 1, 1),
    controller=ControllerConfig(name="Shop Ltd", address="1 High Street", contact="a@shop.test"),
)
DOOR_CAMERA = CameraConfig(id="door", source="rtsp://camera.test/door", place="Front door")
TILL_SCANNER = ScannerConfig(
    id="till", kind=ScannerKind.TCP, source="listen://127.0.0.1:9100", place="Till 1"
)
NAMES = Names(
    preferred=ip_address("127.0.0.1"),
    addresses=frozenset({ip_address("127.0.0.1")}),
    hosts=frozenset({"localhost"}),
)


def utc_now() -> datetime:
    return datetime.now(UTC)


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
            CameraState(camera_id="door", status=CameraStatus.LIVE, since_at=utc_now(), fps=15.0)
        ]
        self.photos: list[int] = []

    async def add(self, templates: list[Template]) -> None: ...

    async def remove(self, member_id: str) -> None: ...

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
                since_at=utc_now(),
            )
        ]

    async def read(self, picture: bytes) -> tuple[Code, ...] | PhotoFault:
        return self.codes


@dataclass(frozen=True, kw_only=True)
class Door:
    """An open door. ``url`` and ``lan_url`` end before ``/api/v1``."""

    parts: Parts
    doors: Doors
    vision: ScriptedVision = field(repr=False)
    scanners: ScriptedScanners = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.doors.loopback_port}"

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    @property
    def lan_url(self) -> str:
        return f"https://127.0.0.1:{self.doors.lan_port}"

    async def pair(self, role: Role = Role.MANAGER, name: str = "Mei") -> str:
        """The bearer token of a newly paired phone."""
        invitation = await self.parts.pairing.invite(None, name, role)
        paired = await self.parts.pairing.pair(invitation.code, "test phone")
        return paired.token

    async def sees(self, member_id: str) -> None:
        """A camera sees a face that is very much like this member's."""
        now = utc_now()
        sighting = Sighting(
            camera_id="door",
            track_id=new_id(),
            first_seen_at=now,
            seen_at=now,
            shots=3,
            quality=1.0,
            candidates=(Candidate(member_id=member_id, score=0.9),),
        )
        await self.parts.arrivals.saw(sighting)

    @asynccontextmanager
    async def phone(
        self, role: Role = Role.MANAGER, name: str = "Mei"
    ) -> AsyncIterator[ClientSession]:
        """An HTTP client with a session of its own; relative paths are under the API."""
        headers = {"Authorization": f"Bearer {await self.pair(role, name)}"}
        async with ClientSession(f"{self.api}/", headers=headers) as client:
            yield client


@asynccontextmanager
async def open_door(
    state_dir: Path, *, privacy: PrivacyConfig = PRIVACY, with_vision: bool = True
) -> AsyncIterator[Door]:
    """The whole of the API over a store in ``state_dir``, on ports the system chose."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(state_dir, utc_now))
        vision, scanners = ScriptedVision(), ScriptedScanners()
        feed = Feed()
        doors = listen(ApiConfig(host="127.0.0.1", port=0, loopback_port=0))
        authority = Authority(state_dir / "tls", utc_now, lambda: NAMES)
        seeing = vision if with_vision else None
        parts = _parts(store, feed, privacy, seeing, scanners, doors, authority)
        await stack.enter_async_context(serve(build(parts), doors, authority))
        yield Door(parts=parts, doors=doors, vision=vision, scanners=scanners)


def _parts(
    store: Store,
    feed: Feed,
    privacy: PrivacyConfig,
    vision: ScriptedVision | None,
    scanners: ScriptedScanners,
    doors: Doors,
    authority: Authority,
) -> Parts:
    thresholds, metrics = CurrentThresholds(Thresholds(score=0.466)), Metrics()
    memory = Memory()
    guards = Guards(store, feed, utc_now, look_alikes=memory.look_alikes)
    arrivals = Arrivals(
        store,
        feed,
        utc_now,
        thresholds=thresholds,
        absence_s=60,
        places={"door": "Front door"},
        shop=SHOP,
        metrics=metrics,
        guards=guards,
        memory=memory,
        attacks=Attacks(store, feed, utc_now, places={"door": "Front door"}, store_id=SHOP.id),
    )
    enrollment = Enrollment(
        store,
        feed,
        vision,
        utc_now,
        privacy=privacy,
        shop=SHOP,
        thresholds=thresholds,
        look_alikes=memory.look_alikes,
    )
    counter = _counter(store, feed, arrivals, memory)
    return Parts(
        store=store,
        feed=feed,
        arrivals=arrivals,
        answers=Answers(store, feed, utc_now, shop=SHOP, memory=memory),
        guards=guards,
        enrollment=enrollment,
        members=Members(store, feed, utc_now, shop=SHOP, look_alikes=memory.look_alikes),
        pairing=Pairing(store, feed, utc_now),
        reconciliation=Reconciliation(store, utc_now),
        metrics=metrics,
        watch=Watch(store, feed, vision, scanners, metrics, utc_now),
        vision=vision,
        scanners=scanners,
        shop=SHOP,
        privacy=privacy,
        **counter,
        cameras=[DOOR_CAMERA],
        devices=[DOOR_CAMERA, TILL_SCANNER],
        address=doors.address(NAMES),
        ca_certificate=authority.certificate(),
        clock=utc_now,
        started_at=utc_now(),
    )


def _counter(store: Store, feed: Feed, arrivals: Arrivals, memory: Memory) -> dict[str, Any]:
    """The parts that answer codes."""
    catalogue, guesses = Catalogue(store), Guesses()
    redemptions = Redemptions(
        store,
        feed,
        utc_now,
        shop=SHOP,
        vouchers=VouchersConfig(),
        guesses=guesses,
        member_codes=memory.member_codes,
    )
    scans = Scans(
        store,
        feed,
        utc_now,
        arrivals=arrivals,
        redemptions=redemptions,
        catalogue=catalogue,
        guesses=guesses,
        member_codes=memory.member_codes,
        codes=CodesConfig(),
        shop=SHOP,
        places={TILL_SCANNER.id: TILL_SCANNER.place},
    )
    return {"catalogue": catalogue, "redemptions": redemptions, "scans": scans}
