"""Cameras against real sources: an RTSP server, MJPEG over HTTP, files good and bad."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from aiohttp import web
from component.rtsp_server import PACKAGES, RtspServer, installed

from edge.config import CameraConfig
from edge.domain import CameraState, CameraStatus
from edge.vision.camera import Camera, Mailbox
from edge.vision.frame import Frame

NOTICED_S = 5.0
"""The bound that the project promises for a camera that stalls, closes or was never there."""
PATIENCE_S = 30.0
RATE = 15


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a ball that crosses the picture, H.264, 320x180, 15 frames a second."""
    path = tmp_path_factory.mktemp("clip") / "ball.mp4"
    render(path, seconds=60)
    return path


def render(path: Path, *, seconds: float, grey: int = 40) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(int(seconds * RATE)):
            picture = np.full((180, 320, 3), grey, np.uint8)
            cv2.circle(picture, (number * 4 % 320, 90), 20, (60, 200, 120), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())


@pytest.fixture
def rtsp(require: Callable[[bool, str], None]) -> None:
    require(installed(), PACKAGES)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(mailbox: Mailbox, *configs: CameraConfig) -> Iterator[list[Camera]]:
    cameras = [Camera(config, mailbox) for config in configs]
    for camera in cameras:
        camera.start()
    try:
        yield cameras
    finally:
        for camera in cameras:
            camera.stop()
        for camera in cameras:
            assert camera.join(PATIENCE_S)


def door(source: str | Path, **settings: bool) -> CameraConfig:
    return CameraConfig(id="door", source=str(source), **settings)


def until(camera: Camera, *statuses: CameraStatus, within_s: float = PATIENCE_S) -> CameraState:
    """The camera's state once it is one of these."""
    deadline = time.monotonic() + within_s
    while (state := camera.state()).status not in statuses:
        assert time.monotonic() < deadline, f"still {state.status} ({state.detail})"
        time.sleep(0.02)
    return state


def next_frame(mailbox: Mailbox) -> Frame:
    frame = mailbox.take(PATIENCE_S)
    assert frame is not None
    return frame


LOST = (CameraStatus.STALLED, CameraStatus.OFFLINE)


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
            assert back.reconnects == 1
            still = other.state()
            assert still.status is CameraStatus.LIVE
            assert still.frames_seen > seen
            assert still.reconnects == 0


@pytest.mark.usefixtures("rtsp")
def test_an_rtsp_camera_that_hangs_is_stalled_and_connected_anew(clip: Path) -> None:
    port = free_port()
    with RtspServer(clip, port) as server, running(Mailbox(), door(server.address)) as (camera,):
        until(camera, CameraStatus.LIVE)
        server.freeze()
        until(camera, CameraStatus.STALLED, within_s=NOTICED_S)
        server.kill()
        with RtspServer(clip, port):
            assert until(camera, CameraStatus.LIVE).reconnects == 1


def test_an_address_where_nobody_answers_is_offline_and_says_no_password() -> None:
    source = f"rtsp://guard:secret@127.0.0.1:{free_port()}/door"
    with running(Mailbox(), door(source)) as (camera,):
        state = until(camera, CameraStatus.OFFLINE, within_s=NOTICED_S)
        assert "refuses the connection" in state.detail
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

    async def stream(self, request: web.Request) -> web.StreamResponse:
        headers = {"Content-Type": "multipart/x-mixed-replace; boundary=frame"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        for number in range(10_000):
            await self.moving.wait()
            picture = np.full((240, 320, 3), number % 200, np.uint8)
            _, jpeg = cv2.imencode(".jpg", picture)
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
            state = await asyncio.to_thread(until, camera, CameraStatus.OFFLINE)
            assert state.detail.startswith(told)


# --- USB -------------------------------------------------------------------------------


def test_a_usb_camera_that_is_not_plugged_in_is_offline() -> None:
    with running(Mailbox(), door("/dev/video99")) as (camera,):
        state = until(camera, CameraStatus.OFFLINE, within_s=NOTICED_S)
        assert "plugged in" in state.detail


# --- files -----------------------------------------------------------------------------


def test_a_file_plays_at_its_own_pace_and_finishes(tmp_path: Path) -> None:
    render(tmp_path / "short.mp4", seconds=1)
    mailbox, captured = Mailbox(), []
    with running(mailbox, door(tmp_path / "short.mp4")) as (camera,):
        while camera.state().status is not CameraStatus.FINISHED:
            frame = mailbox.take(0.1)
            if frame is not None:
                captured.append(frame.at_s)
        assert camera.state().frames_seen == RATE
    assert captured[-1] - captured[0] > 0.5, "a second of film is not over in an instant"


def test_a_looping_file_never_ends(tmp_path: Path) -> None:
    render(tmp_path / "short.mp4", seconds=0.4)
    with running(Mailbox(), door(tmp_path / "short.mp4", loop=True)) as (camera,):
        deadline = time.monotonic() + PATIENCE_S
        while camera.state().frames_seen < 3 * 0.4 * RATE:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert camera.state().status is CameraStatus.LIVE


def test_a_file_cut_short_shows_what_it_has(tmp_path: Path, clip: Path) -> None:
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    render(whole, seconds=4)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    with running(Mailbox(), door(cut)) as (camera,):
        state = until(camera, CameraStatus.FINISHED, CameraStatus.OFFLINE)
        assert 0 < state.frames_seen < 4 * RATE


def test_damage_in_the_middle_of_a_file_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "damaged.mkv"
    render(path, seconds=2)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    path.write_bytes(data)
    with running(Mailbox(), door(path)) as (camera,):
        state = until(camera, CameraStatus.FINISHED)
        assert state.frames_seen > 0


def test_a_damaged_time_stamp_does_not_hold_a_file_up(tmp_path: Path) -> None:
    path = tmp_path / "gap.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(RATE):
            frame = av.VideoFrame.from_ndarray(np.zeros((180, 320, 3), np.uint8), format="bgr24")
            frame.pts = number + (3600 * RATE if number > 5 else 0)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with running(Mailbox(), door(path)) as (camera,):
        assert until(camera, CameraStatus.FINISHED).frames_seen == RATE


@pytest.mark.parametrize(
    "content", [b"", b"\0" * 5000, b"not a film at all\n" * 400], ids=["empty", "zeros", "text"]
)
def test_a_file_that_is_no_film_is_offline_and_tried_again(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "door.mp4"
    path.write_bytes(content)
    with running(Mailbox(), door(path)) as (camera,):
        state = until(camera, CameraStatus.OFFLINE)
        assert "check it" in state.detail
        assert str(path) not in state.detail
        render(tmp_path / "good.mp4", seconds=30)
        (tmp_path / "good.mp4").replace(path)
        until(camera, CameraStatus.LIVE)
