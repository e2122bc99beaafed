"""The real door to phones on loopback, on a real store, with a gallery that a test can script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from component.scripted import ScriptedScanners, ScriptedVision

from edge.app.rounds import Rounds
from edge.clienteling_api.addresses import Names
from edge.clienteling_api.authority import Authority
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.public_name import PublicName
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
    Candidate,
    Role,
    ScannerKind,
    Sighting,
    Transport,
    new_id,
)
from edge.feed import Feed
from edge.flows.answers import Answers
from edge.flows.arrivals import Arrivals
from edge.flows.attacks import Attacks
from edge.flows.catalogue import Catalogue
from edge.flows.certificates import SHOWN
from edge.flows.claiming import Claiming
from edge.flows.enrollment import Enrollment
from edge.flows.first_run import FirstRun
from edge.flows.guards import Guards
from edge.flows.headquarters import Headquarters
from edge.flows.matching_lease import MatchingLease
from edge.flows.members import Members
from edge.flows.memory import Memory
from edge.flows.pairing import Pairing
from edge.flows.reconciliation import Reconciliation
from edge.flows.redemptions import Redemptions
from edge.flows.sales import Sales
from edge.flows.scans import Scans
from edge.flows.thresholds import CurrentThresholds
from edge.metrics import Metrics, Watch
from edge.preview.client import Previews
from edge.rules import checkup
from edge.rules.identity import Thresholds
from edge.store import Store

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


@dataclass(frozen=True, kw_only=True)
class Door:
    """An open door. ``url`` and ``lan_url`` end before ``/api/v1``."""

    parts: Parts
    doors: Doors
    authority: Authority
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
    state_dir: Path,
    *,
    privacy: PrivacyConfig = PRIVACY,
    with_vision: bool = True,
    transport: Transport | None = None,
    public_name: str | None = None,
) -> AsyncIterator[Door]:
    """The whole of the API over a store in ``state_dir``, on ports the system chose."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(state_dir, utc_now))
        vision, scanners = ScriptedVision(), ScriptedScanners()
        feed = Feed()
        doors = listen(ApiConfig(host="127.0.0.1", port=0, loopback_port=0))
        public = PublicName(public_name, state_dir / SHOWN, store) if public_name else None
        if public is not None:
            public.refresh()
        authority = Authority(state_dir / "tls", store, utc_now, lambda: NAMES, public)
        seeing = vision if with_vision else None
        address = partial(doors.address, NAMES, public)
        parts = _parts(store, feed, privacy, seeing, scanners, address, authority, transport)
        await stack.enter_async_context(serve(build(parts), doors, authority))
        yield Door(parts=parts, doors=doors, authority=authority, vision=vision, scanners=scanners)


def _first_run(store: Store, pairing: Pairing) -> FirstRun:
    """Nobody changes the configuration of this door."""
    return FirstRun(
        store,
        pairing,
        file=None,
        usable=lambda config: None,
        claiming=Claiming(store, None, nullcontext),
    )


def _parts(
    store: Store,
    feed: Feed,
    privacy: PrivacyConfig,
    vision: ScriptedVision | None,
    scanners: ScriptedScanners,
    address: Callable[[], str],
    authority: Authority,
    transport: Transport | None,
) -> Parts:
    thresholds, metrics = CurrentThresholds(Thresholds(score=0.466)), Metrics()
    memory = Memory()
    lease = MatchingLease(store, utc_now, applies=transport is not None)
    guards = Guards(store, feed, utc_now, look_alikes=memory.look_alikes)
    told = Headquarters(store, feed, utc_now, transport=transport, lease=lease)
    arrivals = _arrivals(store, feed, thresholds, metrics, guards, memory, lease)
    enrollment = Enrollment(
        store,
        feed,
        vision,
        utc_now,
        privacy=privacy,
        shop=SHOP,
        thresholds=thresholds,
        look_alikes=memory.look_alikes,
        lease=lease,
    )
    pairing = Pairing(store, feed, utc_now)
    counter = _counter(store, feed, arrivals, memory)
    return Parts(
        store=store,
        feed=feed,
        arrivals=arrivals,
        answers=Answers(store, feed, utc_now, shop=SHOP, memory=memory),
        guards=guards,
        enrollment=enrollment,
        members=Members(store, feed, utc_now, shop=SHOP, look_alikes=memory.look_alikes),
        pairing=pairing,
        reconciliation=Reconciliation(store, utc_now),
        headquarters=told,
        metrics=metrics,
        watch=Watch(store, feed, vision, scanners, told, metrics, utc_now),
        doctor=Rounds(lambda: [checkup.disk(4_000_000_000)], utc_now),
        vision=vision,
        scanners=scanners,
        shop=SHOP,
        privacy=privacy,
        **counter,
        first_run=_first_run(store, pairing),
        previews=Previews(),
        cameras=[DOOR_CAMERA],
        devices=[DOOR_CAMERA, TILL_SCANNER],
        address=address,
        ca_certificate=authority.certificate(),
        clock=utc_now,
        started_at=utc_now(),
    )


def _arrivals(
    store: Store,
    feed: Feed,
    thresholds: CurrentThresholds,
    metrics: Metrics,
    guards: Guards,
    memory: Memory,
    lease: MatchingLease,
) -> Arrivals:
    places = {"door": "Front door"}
    return Arrivals(
        store,
        feed,
        utc_now,
        thresholds=thresholds,
        absence_s=60,
        places=places,
        shop=SHOP,
        metrics=metrics,
        guards=guards,
        memory=memory,
        attacks=Attacks(store, feed, utc_now, places=places, store_id=SHOP.id),
        lease=lease,
    )


def _counter(store: Store, feed: Feed, arrivals: Arrivals, memory: Memory) -> dict[str, Any]:
    """The parts that answer codes."""
    catalogue, guesses = Catalogue(store), memory.member_codes.guesses
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
    sales = Sales(store, feed, utc_now, shop=SHOP, member_codes=memory.member_codes)
    return {"catalogue": catalogue, "redemptions": redemptions, "sales": sales, "scans": scans}
