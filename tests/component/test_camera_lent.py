"""A camera that serves one program at a time is lent to whoever sets it up, and comes back.

The camera is a film that plays for ever: what matters is when its file is let go. No USB camera
hangs on the machines that run the tests.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from component.api_door import open_door
from component.cameras import door, next_frame, render, running, until
from component.test_vision_process import Gateway, process, ready
from component.test_vision_process import until as until_true

from edge.camera import Mailbox
from edge.clienteling_api import setup
from edge.clienteling_api.setup_requests import StillRequest
from edge.config import CameraConfig, ScannerConfig
from edge.domain import CameraState, CameraStatus, Role, ScannerKind
from edge.errors import CameraUnavailable
from edge.flows.first_run import FirstRun
from edge.vision import client

SOON_S = 60.0
LONG_S = 600.0
LIVE = {CameraStatus.LIVE}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "ball.mp4"
    render(path, seconds=2)
    return path


def holds(clip: Path, process: psutil.Process) -> bool:
    return str(clip) in [file.path for file in process.open_files()]


def test_a_camera_that_is_lent_comes_back(clip: Path) -> None:
    mailbox, free = Mailbox(), threading.Event()
    with running(mailbox, door(clip, loop=True)) as (camera,):
        until(camera, CameraStatus.LIVE)
        assert camera.lend(0.5, free.set)
        assert free.wait(SOON_S)
        assert until(camera, CameraStatus.LIVE).reconnects == 1
        assert next_frame(mailbox)


def test_it_is_free_and_who_asks_again_keeps_it_and_the_shop_closes_all_the_same(
    clip: Path,
) -> None:
    with running(Mailbox(), door(clip, loop=True)) as (camera,):
        until(camera, CameraStatus.LIVE)
        assert holds(clip, psutil.Process())
        for _ in range(20):
            free = threading.Event()
            assert camera.lend(LONG_S, free.set)
            assert free.wait(SOON_S)
            assert not holds(clip, psutil.Process())
            assert "setup page" in camera.state().detail
        camera.stop()
        assert camera.join(SOON_S)


def test_a_camera_that_is_not_there_is_lent_at_once(tmp_path: Path) -> None:
    with running(Mailbox(), door(tmp_path / "nothing.mp4")) as (camera,):
        until(camera, CameraStatus.OFFLINE)
        free = threading.Event()
        assert camera.lend(LONG_S, free.set)
        assert free.wait(SOON_S)


async def test_the_vision_process_lets_go_and_looks_again(
    clip: Path, tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one we see that it is free, however late we look; of the other that it comes back."""
    other = tmp_path / "other.mp4"
    shutil.copy(clip, other)
    gateway = Gateway()

    def state(number: int) -> CameraState:
        return gateway.cameras[number]

    cameras = [door(clip, loop=True), CameraConfig(id="other", source=str(other), loop=True)]
    async with ready(gateway, models_dir, *cameras) as vision:
        await until_true(lambda: {camera.status for camera in gateway.cameras} == LIVE)
        looking = process()
        monkeypatch.setattr(client, "LENT_S", LONG_S)
        await vision.lend("door")
        assert not await asyncio.to_thread(holds, clip, looking)
        await until_true(lambda: state(0).status is CameraStatus.OFFLINE)
        monkeypatch.setattr(client, "LENT_S", 0.5)
        await vision.lend("other")
        await until_true(lambda: (state(1).status, state(1).reconnects) == (CameraStatus.LIVE, 1))
        await vision.lend("no such camera")
        assert (state(0).status, state(1).reconnects) == (CameraStatus.OFFLINE, 1)


async def test_the_setup_page_asks_for_a_usb_camera_that_vision_looks_through(
    tmp_path: Path,
) -> None:
    """Where codes are read through it, the page says so; other cameras are nobody's to lend."""
    usb = CameraConfig(id="door", source="/dev/video-of-nobody")
    counter = ScannerConfig(id="till", kind=ScannerKind.CAMERA, source=usb.source)
    file = tmp_path / "regulars.toml"
    file.write_text(
        '[store]\nid = "a"\nname = "A"\n[[cameras]]\nid = "door"\n' + f'source = "{usb.source}"\n'
    )
    async with open_door(tmp_path / "state") as at:
        first_run = FirstRun(
            at.parts.store,
            at.parts.pairing,
            file=file,
            usable=lambda _: None,
            claiming=at.parts.first_run.claiming,
        )
        parts = replace(at.parts, cameras=[usb], devices=[usb], first_run=first_run)
        guide = await at.parts.pairing.session(await at.pair(Role.TECHNICIAN))
        asked = StillRequest(camera_id="door")
        async with parts.previews:
            with pytest.raises(CameraUnavailable):
                await setup.get_still(parts, guide, asked)
            assert at.vision.lent == ["door"]
            with pytest.raises(CameraUnavailable, match="take it out of the scanners"):
                await setup.get_still(replace(parts, devices=[counter]), guide, asked)
            assert at.vision.lent == ["door"]
