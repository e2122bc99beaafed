"""The gateway's end: keeps a vision process running, and speaks to it for everyone else.

A codec that crashes takes no phone down with it: what was pending fails with
``VisionUnavailable``, and vision runs again, gallery included, within three seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from edge.child.keeping import keep_running, tell_of_failure
from edge.child.life import Child
from edge.child.line import Reply
from edge.config import CameraConfig, RecognitionConfig
from edge.domain import CameraState, Sighting, Template, VisionLoad, VisionState
from edge.errors import EdgeError, VisionUnavailable
from edge.tasks import end
from edge.vision.link import (
    VISION,
    AddTemplates,
    Calibrated,
    Cameras,
    CaptureFace,
    Failed,
    FromVision,
    Judged,
    JudgePhoto,
    LendCamera,
    Load,
    Ready,
    RemoveMember,
    Rest,
    Saw,
    Start,
    ToVision,
    TrackEnded,
)

CHANGE_S = 5.0
JUDGE_S = 10.0
LENT_S = 12.0
"""Longer than a preview goes on that nobody looks at."""
LOAD_S = 30.0
EVENTS = 256
"""Events waiting for the flows. Overflow policy: *sightings are dropped*, they come again."""

log = structlog.get_logger()


class Vision:
    """The vision process for the gateway; ``async with`` keeps one running.

    ``on_sighting`` is awaited, one event at a time and in order with ``on_track_ended``; an
    ``EdgeError`` from it is logged, for the sighting comes again while the face is in view.
    ``on_passed`` is told the camera that somebody passed.
    """

    def __init__(
        self,
        *,
        cameras: list[CameraConfig],
        recognition: RecognitionConfig,
        models_dir: Path,
        rotation_secret: bytes,
        load_gallery: Callable[[str], AsyncIterator[list[Template]]],
        on_sighting: Callable[[Sighting], Awaitable[None]],
        on_track_ended: Callable[[str], None],
        on_passed: Callable[[str], None],
        on_cameras: Callable[[list[CameraState]], None],
        on_calibrated: Callable[[Calibrated], None],
        on_state: Callable[[VisionState], None],
    ) -> None:
        self.state = VisionState.OFF
        self.model: str | None = None
        self.threshold: float | None = None
        self.members: int | None = None
        self.cameras: list[CameraState] = []
        self.load: VisionLoad | None = None
        self.restarts = 0
        self.sightings_dropped = 0
        self._start = Start(
            cameras=cameras,
            recognition=recognition,
            models_dir=str(models_dir),
            rotation_secret=rotation_secret,
        )
        self._load_gallery = load_gallery
        self._on_sighting = on_sighting
        self._on_track_ended = on_track_ended
        self._on_passed = on_passed
        self._on_cameras = on_cameras
        self._on_calibrated = on_calibrated
        self._on_state = on_state
        self._events: asyncio.Queue[Saw | TrackEnded] = asyncio.Queue(EVENTS)
        self._in_view: set[str] = set()
        self._child: Child[FromVision] | None = None
        self._removed: set[str] = set()
        self._resting = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._run(), name="vision process"),
            asyncio.create_task(self._deliver(), name="vision events"),
        ]
        for task in self._tasks:
            task.add_done_callback(tell_of_failure)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await end(*self._tasks)
        self._become(VisionState.OFF)

    @property
    def events_waiting(self) -> int:
        """Sightings and ends of tracks that the flows have not taken yet."""
        return self._events.qsize()

    # --- requests ----------------------------------------------------------------------

    async def add(self, templates: list[Template]) -> None:
        """Put templates into the gallery; when this returns they are matched."""
        await self._change(lambda n: AddTemplates(request_id=n, templates=templates))

    async def remove(self, member_id: str) -> None:
        """Forget a member; when this returns nothing matches them any more.

        Never fails: a process that does not obey is killed, and the next one starts from a
        store that no longer holds them.
        """
        self._removed.add(member_id)
        with suppress(VisionUnavailable):
            await self._change(lambda n: RemoveMember(request_id=n, member_id=member_id))

    async def rest(self, resting: bool) -> None:
        """Embed and search no face until told otherwise, whichever process runs meanwhile."""
        if resting != self._resting:
            self._resting = resting
            with suppress(VisionUnavailable):
                await self._change(lambda n: Rest(request_id=n, resting=resting))

    async def judge(self, photo: bytes) -> Judged:
        """Judge one encoded photo."""
        return _judged(await self._ask(lambda n: JudgePhoto(request_id=n, photo=photo), JUDGE_S))

    async def capture(self, camera_id: str, timeout_s: float) -> Judged:
        """Take the best usable face that this camera sees within the time."""
        answer = await self._ask(
            lambda n: CaptureFace(request_id=n, camera_id=camera_id, timeout_s=timeout_s),
            timeout_s + JUDGE_S,
        )
        return _judged(answer)

    async def lend(self, camera_id: str) -> None:
        """Let go of a camera that serves one program at a time; asked again, it stays lent."""
        await self._ask(
            lambda n: LendCamera(request_id=n, camera_id=camera_id, for_s=LENT_S), CHANGE_S
        )

    async def _change(self, request: Callable[[int], ToVision]) -> None:
        """A change of the gallery; a process that does not obey in time is killed."""
        child = self._child
        try:
            await self._ask(request, CHANGE_S)
        except VisionUnavailable:
            if child is not None:
                child.kill()
            raise

    async def _ask(self, request: Callable[[int], ToVision], timeout_s: float) -> Reply:
        if self._child is None:
            raise VisionUnavailable("vision is starting; try again in a few seconds")
        return await self._child.ask(request, timeout_s)

    # --- the process -------------------------------------------------------------------

    async def _run(self) -> None:
        self._become(VisionState.STARTING)
        await keep_running(VISION, self._start, self._live)

    async def _live(self, child: Child[FromVision]) -> None:
        """Share one process's life; faces that were in view at its end have left."""
        try:
            await self._follow(child)
        finally:
            self._child, self.load = None, None
        self._become(VisionState.RESTARTING)
        self.restarts += 1
        for track_id in list(self._in_view):
            await self._queue(TrackEnded(camera_id="", track_id=track_id))

    async def _follow(self, child: Child[FromVision]) -> None:
        """Take what a process says until it ends."""
        loading: asyncio.Task[None] | None = None
        try:
            async for message in child.messages():
                if isinstance(message, Ready):
                    self.model, self.threshold = message.model, message.threshold
                    self._removed.clear()
                    self._child = child
                    loading = asyncio.create_task(self._load(child, message.model))
                else:
                    await self._take(message)
        finally:
            if loading is not None:
                await end(loading)

    async def _take(self, message: FromVision) -> None:
        match message:
            case Saw() | TrackEnded():
                await self._queue(message)
            case Cameras(states=states):
                self.cameras = states
                self._on_cameras(states)
            case Calibrated(threshold=threshold, members=members):
                self.threshold, self.members = threshold, members
                self._on_calibrated(message)
            case Load(load=load):
                self.load = load
            case Failed(reason=reason):
                log.error("vision cannot start", reason=reason)

    async def _load(self, child: Child[FromVision], model: str) -> None:
        """Tell a fresh process whether it rests, fill its gallery, and say that vision is ready.

        Changes are already taken meanwhile; a member removed since the store was read must
        not come back with a later batch.
        """
        try:
            await child.ask(lambda n: Rest(request_id=n, resting=self._resting), LOAD_S)
            async for templates in self._load_gallery(model):
                batch = [t for t in templates if t.member_id not in self._removed]
                await child.ask(_adding(batch), LOAD_S)
        except EdgeError as error:
            log.error("gallery not loaded", code=error.code, reason=error.message)
            child.kill()
            return
        self._become(VisionState.READY)

    def _become(self, state: VisionState) -> None:
        if state is not self.state:
            self.state = state
            log.info("vision state", state=state.value)
            self._on_state(state)

    # --- events ------------------------------------------------------------------------

    async def _queue(self, event: Saw | TrackEnded) -> None:
        if isinstance(event, TrackEnded):
            await self._events.put(event)
            self._in_view.discard(event.track_id)
            return
        if not self._events.full():
            self._events.put_nowait(event)
            self._in_view.add(event.sighting.track_id)
        else:
            self.sightings_dropped += 1

    async def _deliver(self) -> None:
        while True:
            event = await self._events.get()
            if isinstance(event, TrackEnded):
                self._on_track_ended(event.track_id)
                if event.passed:
                    self._on_passed(event.camera_id)
                continue
            try:
                await self._on_sighting(event.sighting)
            except EdgeError as error:
                log.warning("sighting not taken", code=error.code, reason=error.message)


def _adding(batch: list[Template]) -> Callable[[int], ToVision]:
    return lambda number: AddTemplates(request_id=number, templates=batch)


def _judged(answer: Reply) -> Judged:
    if not isinstance(answer, Judged):
        raise TypeError(f"vision answered {type(answer).__name__} to a photo")
    return answer
