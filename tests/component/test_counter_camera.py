"""The counter camera: a code shown to it counts once, and again after it was gone."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import av
import cv2
import numpy as np
import psutil
import pytest
import zxingcpp
from component.rtsp_server import PACKAGES, RtspServer, installed
from component.scanner_shop import Shop, becomes, state, until
from ports import free_port

from edge.camera.mask import Picture
from edge.config import ScannerConfig
from edge.domain import PhotoFault, ScannerKind, ScannerStatus, Symbology
from edge.scanner.code import Code
from edge.scanner.view import GONE_LOOKS, GONE_S, View

RATE = 10
QR = Code(text="shown to the counter", symbology=Symbology.QR, aim_id="]Q1")


def drawn(text: str, scale: int = 5) -> Picture:
    code = zxingcpp.create_barcode(text, zxingcpp.QRCode)
    return np.asarray(zxingcpp.write_barcode_to_image(code, scale=scale), np.uint8)


def counter(text: str | None, shift: int = 0) -> Picture:
    """The counter from above, with or without a code on it."""
    picture = np.full((480, 640, 3), 90, np.uint8)
    if text is not None:
        code = cv2.cvtColor(drawn(text), cv2.COLOR_GRAY2BGR)
        height, width = code.shape[:2]
        picture[100 : 100 + height, 200 + shift : 200 + shift + width] = code
    return picture


def film(path: Path, shown: list[str | None]) -> Path:
    """A clip of the counter, with the code that lies there at each picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for number, text in enumerate(shown):
            picture = counter(text, number % 5)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(root=tmp_path)


@pytest.fixture
def looping(tmp_path: Path) -> ScannerConfig:
    """A camera that has the code in view for ever."""
    return camera(film(tmp_path / "clip.mp4", [QR.text] * 2 * RATE), loop=True)


@pytest.fixture
def rtsp(require: Callable[[bool, str], None], tmp_path: Path) -> Iterator[RtspServer]:
    require(installed(), PACKAGES)
    clip = film(tmp_path / "long.mp4", [QR.text] * 60 * RATE)
    with RtspServer(clip, free_port()) as server:
        yield server


def camera(source: str | Path, **settings: object) -> ScannerConfig:
    return ScannerConfig(id="counter", kind=ScannerKind.CAMERA, source=str(source), **settings)


async def test_a_code_in_view_counts_once_and_again_after_it_was_gone(shop: Shop) -> None:
    # Each for longer than a busy machine stands still: it plays at its own pace, looked at or not.
    shown, gone = [QR.text] * 4 * RATE, [None] * 6 * RATE
    pictures = [*shown, *gone, *shown, *gone[:RATE]]
    clip = await asyncio.to_thread(film, shop.root / "clip.mp4", pictures)
    async with shop.open(camera(clip)) as scanners:
        await until(lambda: "ended" in state(scanners, "counter").detail)
    assert shop.said("counter") == [(QR.text, "qr")] * 2


async def test_what_a_mask_hides_is_not_read(shop: Shop) -> None:
    clip = await asyncio.to_thread(film, shop.root / "clip.mp4", [QR.text] * 2 * RATE)
    hidden = camera(clip, masks=[[(0.2, 0.1), (0.9, 0.1), (0.9, 0.9), (0.2, 0.9)]])
    async with shop.open(hidden) as scanners:
        await until(lambda: "ended" in state(scanners, "counter").detail)
    assert shop.scans == []


async def test_a_network_camera_is_read_and_missed_and_read_again(
    shop: Shop, rtsp: RtspServer
) -> None:
    async with shop.open(camera(rtsp.address)) as scanners:
        await becomes(scanners, "counter")
        await until(lambda: (QR.text, "qr") in shop.said("counter"))
        rtsp.kill()
        lost = await becomes(scanners, "counter", ScannerStatus.OFFLINE)
        assert lost.detail
        assert "rtsp" not in lost.detail


async def test_a_killed_process_is_replaced_and_reads_on(
    shop: Shop, looping: ScannerConfig
) -> None:
    async with shop.open(looping) as scanners:
        await until(lambda: shop.scans)
        before, read = await becomes(scanners, "counter"), len(shop.scans)
        (process,) = [c for c in psutil.Process().children() if "edge.scanner" in c.cmdline()]
        process.send_signal(signal.SIGKILL)
        await until(lambda: any("starting again" in one.detail for one in chain(*shop.told)))
        back = await becomes(scanners, "counter")
        assert (scanners.restarts, back.reconnects) == (1, before.reconnects + 1)
        await until(lambda: len(shop.scans) > read)


async def test_the_scanner_process_writes_no_file_and_calls_nobody(
    shop: Shop, looping: ScannerConfig
) -> None:
    async with shop.open(looping) as scanners:
        await until(lambda: shop.scans)
        (process,) = [c for c in psutil.Process().children() if "edge.scanner" in c.cmdline()]
        assert [file.path for file in process.open_files() if file.mode != "r"] == []
        assert process.net_connections() == []
        assert scanners.restarts == 0


async def test_a_hung_process_is_replaced(shop: Shop) -> None:
    async with shop.open() as scanners:
        await until(lambda: scanners.load is not None)
        (process,) = [c for c in psutil.Process().children() if "edge.scanner" in c.cmdline()]
        process.send_signal(signal.SIGSTOP)
        await until(lambda: scanners.restarts == 1)
        await until(lambda: scanners.load is not None)


async def test_a_picture_from_a_phone_is_read(shop: Shop) -> None:
    async with shop.open() as scanners:
        await until(lambda: scanners.load is not None)
        picture = await asyncio.to_thread(cv2.imencode, ".jpg", counter(QR.text))
        assert await scanners.read(picture[1].tobytes()) == (QR,)
        assert await scanners.read(b"no picture") is PhotoFault.NOT_AN_IMAGE


def test_a_code_hidden_for_a_moment_does_not_count_again() -> None:
    view = View()
    assert view.look([QR], 0.0) == [QR]
    assert view.look([], GONE_S / 2) == []
    assert view.look([QR], GONE_S) == []
    for look in range(GONE_LOOKS):
        view.look([], 2 * GONE_S + look)
    assert view.look([QR], 10.0) == [QR]


def test_a_camera_that_looks_seldom_does_not_lose_a_code_by_one_missed_look() -> None:
    view = View()
    view.look([QR], 0.0)
    for look in range(1, GONE_LOOKS):
        assert view.look([], look * 10 * GONE_S) == []
    assert view.look([QR], 100.0) == []
