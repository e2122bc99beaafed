"""What a camera sees while it is set up, from a real RTSP server.

What would break: a picture where a mask was drawn, a process left behind, a camera that is not
there taken for one that is dark.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from component.cameras import render
from component.rtsp_server import PACKAGES, RtspServer, installed
from ports import free_port

from edge.config import CameraConfig
from edge.errors import CameraUnavailable
from edge.preview import client
from edge.preview.client import Previews

LEFT_HALF = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "ball.mp4"
    render(path, seconds=60, grey=120)
    return path


@pytest.fixture
def one(clip: Path, require: Callable[[bool, str], None]) -> Iterator[RtspServer]:
    """A camera, which is started outside the loop: it would hold that up until it is ready."""
    require(installed(), PACKAGES)
    with RtspServer(clip, free_port()) as server:
        yield server


@pytest.fixture
def two(clip: Path, one: RtspServer) -> Iterator[RtspServer]:
    """Another camera."""
    with RtspServer(clip, free_port()) as server:
        yield server


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture comes in the end, however busy this machine is."""
    monkeypatch.setattr(client, "STILL_S", 60.0)


def pixels(jpeg: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture


async def test_a_still_shows_the_camera_and_nothing_where_a_mask_is_drawn(
    one: RtspServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it leaves nothing behind: neither here nor where temporary files go."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    camera = CameraConfig(id="door", source=one.address)
    async with Previews() as previews:
        still = await previews.still(camera, [])
        assert (still.width_px, still.height_px) == (320, 180)
        assert pixels(still.jpeg).mean() > 80
        masked = pixels((await previews.still(camera, [LEFT_HALF])).jpeg)
        assert masked[:, :150].max() < 30
        assert masked[:, 170:].mean() > 80
    assert await asyncio.to_thread(lambda: list(tmp_path.rglob("*"))) == []


async def test_a_third_camera_ends_the_one_not_looked_at_for_longest(
    one: RtspServer, two: RtspServer
) -> None:
    async with Previews() as previews:
        for server in (one, two):
            await previews.still(CameraConfig(id="door", source=server.address), [])
        gone = CameraConfig(id="door", source=f"rtsp://127.0.0.1:{free_port()}/x")
        with pytest.raises(CameraUnavailable):
            await previews.still(gone, [])
        assert one.address not in previews._looks
        assert len(previews._looks) <= client.AT_ONCE


async def test_a_camera_that_is_not_there_is_said_without_its_address() -> None:
    camera = CameraConfig(id="door", source=f"rtsp://u:secret@127.0.0.1:{free_port()}/x")
    async with Previews() as previews:
        with pytest.raises(CameraUnavailable, match="refuses the connection") as said:
            await previews.still(camera, [])
    assert "127.0.0.1" not in said.value.message
