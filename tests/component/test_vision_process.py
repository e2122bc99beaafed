"""The vision process as the gateway runs it: started, asked, killed, hung, and never orphaned."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from component.door_scene import (
    RATE,
    SECRET,
    Person,
    default_pack,
    encode,
    named,
    people,
    scene,
    template,
)

from edge.child.line import pack
from edge.config import CameraConfig, RecognitionConfig
from edge.domain import CameraState, CameraStatus, PhotoFault, Sighting, Template, VisionState
from edge.errors import VisionUnavailable
from edge.vision.client import Vision
from edge.vision.link import Start
from edge.vision.packs import Pack

PATIENCE_S = 40.0
RECOGNITION = RecognitionConfig()


class Gateway:
    """What the gateway does with vision: keeps templates, and notes what it is told."""

    def __init__(self) -> None:
        self.templates: list[Template] = []
        self.loads = 0
        self.sightings: list[Sighting] = []
        self.ended: list[str] = []
        self.passed: list[str] = []
        self.states: list[VisionState] = []
        self.cameras: list[CameraState] = []

    async def load_gallery(self, model: str) -> AsyncIterator[list[Template]]:
        self.loads += 1
        yield [kept for kept in self.templates if kept.model == model]

    async def saw(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)

    def noted(self, states: list[CameraState]) -> None:
        self.cameras = states

    def vision(self, models_dir: Path, *cameras: CameraConfig) -> Vision:
        return Vision(
            cameras=list(cameras),
            recognition=RECOGNITION,
            models_dir=models_dir,
            rotation_secret=SECRET,
            load_gallery=self.load_gallery,
            on_sighting=self.saw,
            on_track_ended=self.ended.append,
            on_passed=self.passed.append,
            on_cameras=self.noted,
            on_calibrated=lambda calibrated: None,
            on_state=self.states.append,
        )


async def until(condition: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.02)


def process() -> psutil.Process:
    """The one vision process."""
    (found,) = [c for c in psutil.Process().children() if "edge.vision" in c.cmdline()]
    return found


@pytest.fixture(scope="module")
def pack_(models_dir: Path) -> Pack:
    return default_pack(models_dir)


@pytest.fixture(scope="module")
def ada(pack_: Pack) -> Person:
    return next(person for person in people(pack_) if person.name == "astronaut")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, ada: Person) -> Path:
    """Ada stands at the door and sways, for two seconds."""
    pictures = [scene((ada, 500 + 20 * (n % 15), 300, 90)) for n in range(2 * RATE)]
    return encode(tmp_path_factory.mktemp("clip") / "ada.mp4", pictures)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def door(clip: Path) -> CameraConfig:
    return CameraConfig(id="door", source=str(clip), loop=True)


@asynccontextmanager
async def ready(
    gateway: Gateway, models_dir: Path, *cameras: CameraConfig
) -> AsyncIterator[Vision]:
    async with gateway.vision(models_dir, *cameras) as vision:
        await until(lambda: vision.state is VisionState.READY)
        yield vision


async def enrolled(gateway: Gateway, vision: Vision, person: Person) -> list[Template]:
    """Judge a member's photos and keep them, as the flows do."""
    made = [
        template(await vision.judge(photo), "ada", f"ada-{number}")
        for number, photo in enumerate(person.photos)
    ]
    gateway.templates += made
    await vision.add(made)
    return made


# --- the member at the door --------------------------------------------------------------


async def test_a_member_is_known_from_enrollment_to_withdrawal(
    gateway: Gateway, models_dir: Path, door: CameraConfig, ada: Person, pack_: Pack
) -> None:
    async with ready(gateway, models_dir, door) as vision:
        await until(lambda: bool(gateway.sightings))
        assert gateway.sightings[-1].candidates == ()
        await enrolled(gateway, vision, ada)
        await until(lambda: named(gateway.sightings[-1], pack_) == "ada")
        await vision.remove("ada")
        await until(lambda: gateway.sightings[-1].candidates == ())
        assert vision.model == pack_.model
        assert vision.threshold == pack_.threshold
        await until(lambda: vision.cameras[0].status is CameraStatus.LIVE)
    assert gateway.states == [VisionState.STARTING, VisionState.READY, VisionState.OFF]


async def test_a_photo_is_judged_and_a_face_captured(
    gateway: Gateway, models_dir: Path, door: CameraConfig, ada: Person
) -> None:
    async with ready(gateway, models_dir, door) as vision:
        assert (await vision.judge(b"not a picture")).fault is PhotoFault.NOT_AN_IMAGE
        await enrolled(gateway, vision, ada)
        captured = await vision.capture("door", timeout_s=PATIENCE_S)
        assert captured.probe is not None, captured.fault
        assert captured.candidates[0].member_id == "ada"


# --- deaths --------------------------------------------------------------------------------


async def test_a_killed_process_is_replaced_with_its_gallery(
    gateway: Gateway, models_dir: Path, door: CameraConfig, ada: Person, pack_: Pack
) -> None:
    async with ready(gateway, models_dir, door) as vision:
        await enrolled(gateway, vision, ada)
        await until(lambda: any(named(s, pack_) == "ada" for s in gateway.sightings))
        in_view = {sighting.track_id for sighting in gateway.sightings}
        dying = process()
        dying.send_signal(signal.SIGSTOP)  # so that it cannot answer before it dies
        pending = asyncio.create_task(vision.capture("door", timeout_s=20.0))
        await asyncio.sleep(0)
        dying.send_signal(signal.SIGKILL)
        with pytest.raises(VisionUnavailable):
            await pending
        await until(lambda: vision.state is VisionState.RESTARTING)
        with pytest.raises(VisionUnavailable):
            await vision.judge(ada.photos[0])
        gateway.sightings.clear()
        await until(lambda: vision.state is VisionState.READY)
        await until(lambda: any(named(s, pack_) == "ada" for s in gateway.sightings))
        assert gateway.loads == 2
        assert in_view <= set(gateway.ended), "faces in view at the end have left"
        assert in_view.isdisjoint(sighting.track_id for sighting in gateway.sightings)


async def test_a_hung_process_is_replaced(
    gateway: Gateway, models_dir: Path, door: CameraConfig
) -> None:
    async with ready(gateway, models_dir, door) as vision:
        hung = process()
        hung.send_signal(signal.SIGSTOP)
        await until(lambda: vision.state is VisionState.RESTARTING)
        await until(lambda: vision.state is VisionState.READY)
        assert process().pid != hung.pid


async def test_a_member_removed_while_vision_is_down_does_not_come_back(
    gateway: Gateway, models_dir: Path, door: CameraConfig, ada: Person
) -> None:
    async with ready(gateway, models_dir, door) as vision:
        await enrolled(gateway, vision, ada)
        process().send_signal(signal.SIGKILL)
        await until(lambda: vision.state is VisionState.RESTARTING)
        gateway.templates.clear()
        await vision.remove("ada")
        gateway.sightings.clear()
        await until(lambda: vision.state is VisionState.READY and bool(gateway.sightings))
        assert all(sighting.candidates == () for sighting in gateway.sightings)


async def test_missing_models_are_told_and_nothing_is_ready(
    gateway: Gateway, tmp_path: Path, door: CameraConfig, capfd: pytest.CaptureFixture[str]
) -> None:
    async with gateway.vision(tmp_path, door) as vision:
        await until(lambda: VisionState.RESTARTING in gateway.states)
        assert VisionState.READY not in gateway.states
        with pytest.raises(VisionUnavailable):
            await vision.judge(b"")
    told = capfd.readouterr()
    assert "models fetch" in told.out + told.err


# --- the process alone -----------------------------------------------------------------------


@asynccontextmanager
async def started(
    models_dir: Path, door: CameraConfig
) -> AsyncIterator[tuple[asyncio.subprocess.Process, socket.socket]]:
    """A vision process whose gateway is this test."""
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "edge.vision", str(theirs.fileno())]
    child = await asyncio.create_subprocess_exec(*command, pass_fds=[theirs.fileno()])
    theirs.close()
    ours.sendall(
        pack(
            Start(
                cameras=[door],
                recognition=RECOGNITION,
                models_dir=str(models_dir),
                rotation_secret=SECRET,
            )
        )
    )
    ours.setblocking(False)
    await asyncio.get_running_loop().sock_recv(ours, 1)
    try:
        yield child, ours
    finally:
        ours.close()
        if child.returncode is None:
            child.kill()
            await child.wait()


async def test_a_dead_gateway_leaves_no_orphan(models_dir: Path, door: CameraConfig) -> None:
    async with started(models_dir, door) as (child, line):
        line.close()
        async with asyncio.timeout(PATIENCE_S):
            assert await child.wait() == 0


async def test_a_terminated_process_ends_cleanly(models_dir: Path, door: CameraConfig) -> None:
    async with started(models_dir, door) as (child, _):
        child.terminate()
        async with asyncio.timeout(PATIENCE_S):
            assert await child.wait() == 0


async def test_a_password_is_in_no_line_of_the_log(
    models_dir: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    door = CameraConfig(id="door", source="rtsp://guard:secret@127.0.0.1:9/door")
    gateway = Gateway()
    async with ready(gateway, models_dir, door):
        await until(lambda: any(c.status is CameraStatus.OFFLINE for c in gateway.cameras))
    told = capfd.readouterr()
    assert "camera state" in told.err
    assert "secret" not in told.out + told.err
    assert "secret" not in repr(gateway.cameras)


async def test_the_process_writes_no_file_and_calls_nobody(
    gateway: Gateway, models_dir: Path, door: CameraConfig
) -> None:
    async with ready(gateway, models_dir, door):
        await until(lambda: bool(gateway.sightings))
        vision = process()
        assert [file.path for file in vision.open_files() if file.mode != "r"] == []
        assert vision.net_connections() == []
