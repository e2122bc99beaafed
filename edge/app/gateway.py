"""Composition root: the one place where the parts meet.

``gateway`` opens them from the bottom up, hands each its own slice of the configuration and
its named collaborators, and closes them in the opposite order.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from edge.app.admission import awaiting_claim
from edge.app.chores import chore
from edge.app.clock import NOTED_EVERY_S, keep_time, never_before
from edge.app.footfall import footfall_of, kept
from edge.app.headquarters import follow_line, headquarters, line_of
from edge.app.matching import matching, thresholds_of
from edge.app.public_name import public_name
from edge.app.rounds import Rounds, rounds
from edge.app.scanning import counter
from edge.app.settings import first_run, settled
from edge.app.sole_use import sole_use
from edge.clienteling_api.addresses import look_up
from edge.clienteling_api.authority import Authority
from edge.clienteling_api.discovery import announce
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.server import Doors, build, listen, serve
from edge.config import Config
from edge.feed import Feed
from edge.flows.answers import Answers
from edge.flows.arrivals import Arrivals
from edge.flows.attacks import Attacks
from edge.flows.catalogue import Catalogue
from edge.flows.changes import Changes
from edge.flows.counting import Counting
from edge.flows.enrollment import Enrollment
from edge.flows.first_run import FirstRun
from edge.flows.footfall import Footfall
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
from edge.metrics.history import EVERY_S
from edge.preview.client import Previews
from edge.scanner.client import Scanners
from edge.store import Store
from edge.vision.client import Vision

SWEEP_EVERY_S = 2.0
LINE_EVERY_S = 2.0
RESERVATIONS_EVERY_S = 2.0
RETENTION_EVERY_S = 3600.0


def utc_now() -> datetime:
    """The gateway's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A running gateway, as the command line, the demo and the benchmarks hold it.

    ``vision`` is None where face matching is off; ``address`` is what phones on the LAN open.
    """

    config: Config
    store: Store
    feed: Feed
    vision: Vision | None
    scanners: Scanners
    arrivals: Arrivals
    answers: Answers
    guards: Guards
    memory: Memory
    enrollment: Enrollment
    members: Members
    catalogue: Catalogue
    pairing: Pairing
    redemptions: Redemptions
    sales: Sales
    scans: Scans
    reconciliation: Reconciliation
    headquarters: Headquarters
    counting: Counting
    footfall: Footfall
    metrics: Metrics
    watch: Watch
    doors: Doors
    address: Callable[[], str]
    first_run: FirstRun


@asynccontextmanager
async def gateway(
    config: Config,
    models_dir: Path,
    *,
    clock: Callable[[], datetime] = utc_now,
    file: Path | None = None,
) -> AsyncIterator[Gateway]:
    """Run a gateway for as long as the context lasts; ``file`` is what a browser may change.

    Raises ``ConfigError`` or ``ModelError`` with one line that says what to do.
    """
    state_dir = Path(config.store.state_dir)
    async with AsyncExitStack() as stack:
        stack.enter_context(sole_use(state_dir))
        doors = listen(config.api)
        stack.enter_context(closing(doors.lan))
        stack.enter_context(closing(doors.loopback))
        store = await stack.enter_async_context(Store.open(state_dir, clock))
        config = await settled(config, store)
        names = await asyncio.to_thread(look_up)
        public = await asyncio.to_thread(public_name, config, store)
        address = partial(doors.address, names, public)
        running = await asyncio.to_thread(
            _assemble, config, models_dir, clock, store, doors, address, file
        )
        await running.headquarters.load()
        follow = partial(follow_line, running.headquarters, running.vision)
        await follow()
        certified = await never_before(store, clock)
        authority = Authority(state_dir / "tls", store, certified, look_up, public)
        certificate = await asyncio.to_thread(authority.certificate)
        await stack.enter_async_context(kept(running.counting, running.footfall))
        if running.vision is not None:
            await stack.enter_async_context(running.vision)
        await stack.enter_async_context(running.scanners)
        previews = await stack.enter_async_context(Previews())
        doctor = await stack.enter_async_context(rounds(config, file, doors.loopback_port, clock))
        door = build(_parts(running, previews, doctor, certificate, clock))
        await stack.enter_async_context(serve(door, doors, authority))
        if config.api.announce:
            lan = [address for address in names.addresses if not address.is_loopback]
            await stack.enter_async_context(announce(config.store.id, doors.lan_port, lan))
        for name, work, every_s in (
            ("sweep", running.arrivals.sweep, SWEEP_EVERY_S),
            ("reservations", running.redemptions.sweep, RESERVATIONS_EVERY_S),
            ("load", running.watch.sample, EVERY_S),
            ("line", follow, LINE_EVERY_S),
            ("guards", running.guards.end_overdue, RETENTION_EVERY_S),
            ("retention", running.enrollment.end_retention, RETENTION_EVERY_S),
        ):
            await stack.enter_async_context(chore(name, work, every_s))
        note = partial(keep_time, store, clock, config.store.id)
        noting = chore("clock", note, NOTED_EVERY_S, first_in_s=NOTED_EVERY_S)
        await stack.enter_async_context(noting)
        changes = Changes(store, running.feed, running.enrollment, clock, store_id=config.store.id)
        await stack.enter_async_context(
            headquarters(config, store, changes, running.footfall, running.headquarters, clock)
        )
        await stack.enter_async_context(awaiting_claim(config, file, clock, running.first_run))
        yield running


def _assemble(
    config: Config,
    models_dir: Path,
    clock: Callable[[], datetime],
    store: Store,
    doors: Doors,
    address: Callable[[], str],
    file: Path | None,
) -> Gateway:
    """Every part with its collaborators; nothing runs yet. Blocks while models are verified."""
    feed, metrics, memory = Feed(), Metrics(), Memory()
    guards = Guards(store, feed, clock, look_alikes=memory.look_alikes)
    thresholds = CurrentThresholds(thresholds_of(config))
    told, pairing = line_of(config, store, feed, clock), Pairing(store, feed, clock)
    arrivals = _arrivals(
        config, store, feed, clock, thresholds, metrics, guards, memory, told.lease
    )
    counting = Counting(store, clock, config.cameras)
    vision = matching(
        config, models_dir, store, feed, arrivals, counting, memory.look_alikes, thresholds
    )
    enrollment = Enrollment(
        store,
        feed,
        vision,
        clock,
        privacy=config.privacy,
        shop=config.store,
        thresholds=thresholds,
        look_alikes=memory.look_alikes,
        lease=told.lease,
    )
    till = counter(config, store, feed, arrivals, memory, metrics, clock)
    return Gateway(
        config=config,
        store=store,
        feed=feed,
        vision=vision,
        scanners=till.scanners,
        arrivals=arrivals,
        answers=Answers(store, feed, clock, shop=config.store, memory=memory),
        guards=guards,
        memory=memory,
        enrollment=enrollment,
        members=Members(store, feed, clock, shop=config.store, look_alikes=memory.look_alikes),
        catalogue=till.catalogue,
        pairing=pairing,
        redemptions=till.redemptions,
        sales=Sales(store, feed, clock, shop=config.store, member_codes=memory.member_codes),
        scans=till.scans,
        reconciliation=Reconciliation(store, clock),
        headquarters=told,
        counting=counting,
        footfall=footfall_of(config, store, clock),
        metrics=metrics,
        watch=Watch(store, feed, vision, till.scanners, told, metrics, clock),
        doors=doors,
        address=address,
        first_run=first_run(config, store, pairing, models_dir, clock, file=file),
    )


def _arrivals(
    config: Config,
    store: Store,
    feed: Feed,
    clock: Callable[[], datetime],
    thresholds: CurrentThresholds,
    metrics: Metrics,
    guards: Guards,
    memory: Memory,
    lease: MatchingLease,
) -> Arrivals:
    places = {camera.id: camera.place or camera.id for camera in config.cameras}
    return Arrivals(
        store,
        feed,
        clock,
        thresholds=thresholds,
        absence_s=config.visit.absence_s,
        places=places,
        shop=config.store,
        metrics=metrics,
        guards=guards,
        memory=memory,
        attacks=Attacks(store, feed, clock, places=places, store_id=config.store.id),
        lease=lease,
    )


def _parts(
    running: Gateway,
    previews: Previews,
    doctor: Rounds,
    certificate: bytes,
    clock: Callable[[], datetime],
) -> Parts:
    """What the door to phones needs of the gateway."""
    return Parts(
        store=running.store,
        feed=running.feed,
        arrivals=running.arrivals,
        answers=running.answers,
        guards=running.guards,
        enrollment=running.enrollment,
        members=running.members,
        catalogue=running.catalogue,
        pairing=running.pairing,
        redemptions=running.redemptions,
        sales=running.sales,
        scans=running.scans,
        reconciliation=running.reconciliation,
        headquarters=running.headquarters,
        metrics=running.metrics,
        watch=running.watch,
        doctor=doctor,
        vision=running.vision,
        scanners=running.scanners,
        shop=running.config.store,
        privacy=running.config.privacy,
        cameras=running.config.cameras,
        devices=[*running.config.cameras, *running.config.scanners],
        address=running.address,
        first_run=running.first_run,
        previews=previews,
        ca_certificate=certificate,
        clock=clock,
        started_at=clock(),
    )
