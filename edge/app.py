"""Composition root: the one place where the parts meet.

``gateway`` opens them from the bottom up, hands each its own slice of the configuration and
its named collaborators, and closes them in the opposite order.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from edge.clienteling_api.addresses import look_up
from edge.clienteling_api.authority import Authority
from edge.clienteling_api.discovery import announce
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.server import Doors, build, listen, serve
from edge.config import Config
from edge.domain import CamerasChanged, CameraState, VisionChanged
from edge.errors import ConfigError, EdgeError
from edge.feed import Feed
from edge.flows.arrivals import Arrivals
from edge.flows.enrollment import Enrollment
from edge.flows.gallery import stored_templates
from edge.flows.members import Members
from edge.flows.pairing import Pairing
from edge.metrics import Metrics, Watch
from edge.metrics.history import EVERY_S
from edge.rules.identity import Thresholds
from edge.store import Store
from edge.vision.client import Vision
from edge.vision.models import check_licences, read_manifest, verify

log = structlog.get_logger()

SWEEP_EVERY_S = 2.0
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
    arrivals: Arrivals
    enrollment: Enrollment
    members: Members
    pairing: Pairing
    metrics: Metrics
    watch: Watch
    doors: Doors
    address: str


@asynccontextmanager
async def gateway(
    config: Config, models_dir: Path, *, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Gateway]:
    """Run a gateway for as long as the context lasts.

    Raises ``ConfigError`` or ``ModelError`` with one line that says what to do.
    """
    state_dir = Path(config.store.state_dir)
    async with AsyncExitStack() as stack:
        stack.enter_context(sole_use(state_dir))
        doors = listen(config.api)
        stack.enter_context(closing(doors.lan))
        stack.enter_context(closing(doors.loopback))
        store = await stack.enter_async_context(Store.open(state_dir, clock))
        names = await asyncio.to_thread(look_up)
        running = await asyncio.to_thread(
            _assemble, config, models_dir, clock, store, doors, doors.address(names)
        )
        authority = Authority(state_dir / "tls", clock, look_up)
        certificate = await asyncio.to_thread(authority.certificate)
        if running.vision is not None:
            await stack.enter_async_context(running.vision)
        door = build(_parts(running, certificate, clock))
        await stack.enter_async_context(serve(door, doors, authority))
        if config.api.announce:
            lan = [address for address in names.addresses if not address.is_loopback]
            await stack.enter_async_context(announce(config.store.id, doors.lan_port, lan))
        for name, work, every_s in (
            ("sweep", running.arrivals.sweep, SWEEP_EVERY_S),
            ("load", running.watch.sample, EVERY_S),
            ("retention", running.enrollment.end_retention, RETENTION_EVERY_S),
        ):
            await stack.enter_async_context(_chore(name, work, every_s))
        yield running


def _assemble(
    config: Config,
    models_dir: Path,
    clock: Callable[[], datetime],
    store: Store,
    doors: Doors,
    address: str,
) -> Gateway:
    """Every part with its collaborators; nothing runs yet. Blocks while models are verified."""
    feed, metrics = Feed(), Metrics()
    thresholds = thresholds_of(config)
    arrivals = Arrivals(
        store,
        feed,
        clock,
        thresholds=thresholds,
        absence_s=config.visit.absence_s,
        places={camera.id: camera.place or camera.id for camera in config.cameras},
        shop=config.store,
        metrics=metrics,
    )
    vision = _vision(config, models_dir, store, feed, arrivals)
    enrollment = Enrollment(
        store,
        feed,
        vision,
        clock,
        privacy=config.privacy,
        shop=config.store,
        thresholds=thresholds,
    )
    return Gateway(
        config=config,
        store=store,
        feed=feed,
        vision=vision,
        arrivals=arrivals,
        enrollment=enrollment,
        members=Members(store, feed, clock, shop=config.store, look_alikes=enrollment.look_alikes),
        pairing=Pairing(store, feed, clock),
        metrics=metrics,
        watch=Watch(store, feed, vision, metrics, clock),
        doors=doors,
        address=address,
    )


def _parts(running: Gateway, certificate: bytes, clock: Callable[[], datetime]) -> Parts:
    """What the door to phones needs of the gateway."""
    return Parts(
        store=running.store,
        feed=running.feed,
        arrivals=running.arrivals,
        enrollment=running.enrollment,
        members=running.members,
        pairing=running.pairing,
        metrics=running.metrics,
        watch=running.watch,
        vision=running.vision,
        shop=running.config.store,
        privacy=running.config.privacy,
        cameras=running.config.cameras,
        address=running.address,
        ca_certificate=certificate,
        clock=clock,
        started_at=clock(),
    )


def thresholds_of(config: Config) -> Thresholds:
    """The pack's calibrated threshold unless the configuration names another."""
    recognition = config.recognition
    score = recognition.threshold
    if score is None:
        score = read_manifest().pack(recognition.pack).calibration.threshold
    return Thresholds(score=score, margin=recognition.margin)


def check_models(config: Config, models_dir: Path) -> None:
    """Verify the files of the configured pack. Raises ``ModelError`` with what to do."""
    manifest = read_manifest()
    pack = config.recognition.pack
    check_licences(manifest, pack, config.recognition.accepted_licences)
    for file in manifest.files_of(pack):
        verify(file, models_dir)


@contextmanager
def sole_use(state_dir: Path) -> Iterator[None]:
    """Hold the state folder for this process alone. Raises ``ConfigError`` where another has it.

    The lock is the kernel's, so it ends with the process however that dies.
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(state_dir / "gateway.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"store.state_dir: {state_dir} cannot be used ({error.strerror}); "
            "choose a folder that this user may write"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ConfigError(
            f"store.state_dir: another gateway is running on {state_dir}; stop it first"
        ) from error
    finally:
        os.close(lock)


def _vision(
    config: Config, models_dir: Path, store: Store, feed: Feed, arrivals: Arrivals
) -> Vision | None:
    """Vision and whom it tells, or None while the conditions of face matching are not met.

    Raises ``ModelError`` for a file that is missing or altered: at start, not at the first face.
    """
    why_off = config.privacy.why_off()
    if why_off is not None:
        log.warning("face_matching_off", because=why_off)
        return None
    check_models(config, models_dir)
    watch = _CameraWatch(feed)

    return Vision(
        cameras=config.cameras,
        recognition=config.recognition,
        models_dir=models_dir,
        rotation_secret=store.rotation_secret(),
        load_gallery=partial(stored_templates, store),
        on_sighting=arrivals.saw,
        on_track_ended=arrivals.track_ended,
        on_cameras=watch.tell,
        on_state=lambda state: feed.publish(VisionChanged(state=state)),
    )


class _CameraWatch:
    """Tells phones of a camera only when what people see of it changed."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._told: list[tuple[str, str, str]] = []

    def tell(self, states: list[CameraState]) -> None:
        """Publish states that differ in more than their counters."""
        now = [(state.camera_id, state.status.value, state.detail) for state in states]
        if now != self._told:
            self._told = now
            self._feed.publish(CamerasChanged(states=tuple(states)))


@asynccontextmanager
async def _chore(
    name: str, work: Callable[[], Awaitable[object]], every_s: float
) -> AsyncIterator[None]:
    """Do a piece of housekeeping now and then; trouble is logged, and it is tried again."""

    async def again_and_again() -> None:
        while True:
            try:
                await work()
            except EdgeError as error:
                log.warning("chore_failed", chore=name, code=error.code)
            await asyncio.sleep(every_s)

    task = asyncio.create_task(again_and_again(), name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
