"""Live cameras against real servers: RTSP, MJPEG over HTTP, and a USB camera that is not there."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiohttp import web
from component.cameras import (
    LOST,
    NOTICED_S,
    PATIENCE_S,
    RATE,
    door,
    next_frame,
    render,
    running,
    until,
)
from component.rtsp_server import PACKAGES, RtspServer, installed
from ports import free_port

from edge.camera import Mailbox
from edge.config import CameraConfig
from edge.domain import CameraStatus


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a ball that crosses the picture, H.264, 320x180, 15 frames a second."""
    path = tmp_path_factory.mktemp("clip") / "ball.mp4"
    render(path, seconds=60)
    return path


@pytest.fixture
def rtsp(require: Callable[[bool, str], None]) -> None:
    require(installed(), PACKAGES)


# --- RTSP ------------------------------------------------------------------------------


@pytest.mark.usefixtures("rtsp")
def test_an_rtsp_camera_that_loses_power_comes_back_and_disturbs_no_other(clip: Path) -> None:
    port, mailbox = free_port(), Mailbox()
    with RtspServer(clip, port) as server:
        till = CameraConfig(id="till", source=str(clip), loop=True)
        with running(mailbox, door(server.address), till) as (camera, other):
            until(camera, CameraStatus.LIVE)
            assert next_frame(mailbox).size == (320, 180)
            server.kill()
            lost = until(camera, *LOST, within_s=NOTICED_S)
            assert "127.0.0.1" not in lost.detail
            seen = until(other, CameraStatus.LIVE).frames_seen
            with RtspServer(clip, port):
                back = until(camera, CameraStatus.LIVE)
            assert back.reconnects == lost.reconnects + 1
            still = until(other, CameraStatus.LIVE)
            assert still.frames_seen > seen
            assert still.reconnects == 0


@pytest.mark.usefixtures("rtsp")
def test_an_rtsp_camera_that_hangs_is_stalled_and_connected_anew(clip: Path) -> None:
    port = free_port()
    with RtspServer(clip, port) as server, running(Mailbox(), door(server.address)) as (camera,):
        until(camera, CameraStatus.LIVE)
        server.freeze()
        lost = until(camera, CameraStatus.STALLED, within_s=NOTICED_S)
        server.kill()
        with RtspServer(clip, port):
            assert until(camera, CameraStatus.LIVE).reconnects == lost.reconnects + 1


def test_an_address_where_nobody_answers_is_offline_and_says_no_password() -> None:
    source = f"rtsp://guard:secret@127.0.0.1:{free_port()}/door"
    with running(Mailbox(), door(source)) as (camera,):
        until(camera, CameraStatus.OFFLINE, within_s=NOTICED_S)
        state = until(camera, CameraStatus.OFFLINE, saying="refuses the connection")
        assert "secret" not in state.detail
        assert "guard" not in state.detail


def test_a_server_that_accepts_and_says_nothing_is_offline_within_the_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with running(Mailbox(), door(f"rtsp://127.0.0.1:{port}/door")) as (camera,):
            assert camera.state().status is CameraStatus.CONNECTING
            until(camera, CameraStatus.OFFLINE, within_s=NOTICED_S)


# --- MJPEG over HTTP -------------------------------------------------------------------


class Mjpeg:
    """A camera that speaks multipart/x-mixed-replace while its picture moves."""

    def __init__(self) -> None:
        self.moving = asyncio.Event()
        self.moving.set()
        self.garbled = False

    async def stream(self, request: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "multipart/x-mixed-replace; boundary=frame"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        for number in range(10_000):
            await self.moving.wait()
            picture = np.full((240, 320, 3), number % 200, np.uint8)
            _, jpeg = cv2.imencode(".jpg", picture)
            if self.garbled:
                jpeg = np.full_like(jpeg, 0x55)
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            try:
                await response.write(head.encode() + jpeg.tobytes() + b"\r\n")
            except ConnectionResetError:
                break
            await asyncio.sleep(1 / RATE)
        return response

    async def locked(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="camera"'})

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/video", self.stream)
        app.router.add_get("/locked", self.locked)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/video"
        finally:
            await runner.cleanup()


async def test_an_mjpeg_camera_that_freezes_is_noticed_and_found_again() -> None:
    mailbox, server = Mailbox(), Mjpeg()
    async with server.served() as address:
        with running(mailbox, door(address)) as (camera,):
            await asyncio.to_thread(until, camera, CameraStatus.LIVE)
            frame = await asyncio.to_thread(next_frame, mailbox)
            assert frame.full.shape == (240, 320, 3)
            assert frame.luma.shape == (120, 160)
            server.moving.clear()
            await asyncio.to_thread(until, camera, *LOST, within_s=NOTICED_S)
            server.moving.set()
            await asyncio.to_thread(until, camera, CameraStatus.LIVE)
            camera.stop()
            assert await asyncio.to_thread(camera.join, PATIENCE_S)


async def test_a_camera_whose_pictures_cannot_be_read_is_connected_anew() -> None:
    server = Mjpeg()
    async with server.served() as address:
        with running(Mailbox(), door(address)) as (camera,):
            await asyncio.to_thread(until, camera, CameraStatus.LIVE)
            server.garbled = True
            lost = await asyncio.to_thread(until, camera, CameraStatus.OFFLINE)
            server.garbled = False
            back = await asyncio.to_thread(until, camera, CameraStatus.LIVE)
            assert back.reconnects == lost.reconnects + 1
            camera.stop()
            assert await asyncio.to_thread(camera.join, PATIENCE_S)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/nothing", "the camera has no stream of this name; check the path"),
        ("/locked", "the camera refuses the user name or password; correct them in the "),
    ],
)
async def test_what_a_camera_refuses_is_told_in_words(path: str, told: str) -> None:
    async with Mjpeg().served() as address:
        with running(Mailbox(), door(address.replace("/video", path))) as (camera,):
            await asyncio.to_thread(until, camera, CameraStatus.OFFLINE, saying=told)


# --- USB -------------------------------------------------------------------------------


def test_a_usb_camera_that_is_not_plugged_in_is_offline() -> None:
    with running(Mailbox(), door("/dev/video99")) as (camera,):
        until(camera, CameraStatus.OFFLINE, within_s=NOTICED_S)
        until(camera, CameraStatus.OFFLINE, saying="plugged in")
