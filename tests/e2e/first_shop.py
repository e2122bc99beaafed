"""A shop on its first day: the gateway as ``regulars run`` runs it, a camera on the network, and a
technician's walk through the setup page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from component.onvif_camera import OnvifCamera, serve
from component.rtsp_server import RtspServer
from e2e.setup_page import SetupPage
from e2e.shop import Phone
from playwright.async_api import expect
from ports import free_port

from edge.app import gateway
from edge.app.gateway import Gateway
from edge.config import load
from edge.domain import Language, Role

CONFIG = """\
[store]
id = "shop"
name = "Our shop"
timezone = "UTC"
language = "en"
state_dir = "{state}"

[privacy]
profile = "off"      # the law that applies

[api]
host = "127.0.0.1"
port = {port}
loopback_port = {loopback}
announce = false
"""


@dataclass(slots=True, kw_only=True)
class FirstShop:
    """``running`` is the gateway as it runs now: it opens anew by itself."""

    file: Path
    url: str
    camera: OnvifCamera
    running: Gateway

    async def code(self) -> str:
        """What ``regulars setup`` prints."""
        invitation = await self.running.pairing.invite(None, "Technician", Role.TECHNICIAN)
        return invitation.code


@asynccontextmanager
async def first_shop(folder: Path, models_dir: Path) -> AsyncIterator[FirstShop]:
    """The shop with a camera on its network, open until the context ends."""
    clip = folder / "door.mp4"
    await asyncio.to_thread(doorway, clip)
    async with rtsp(clip) as address:
        camera = OnvifCamera(
            streams=[
                ("sub", "SubStream", "H264", 640, 360, 15, address),
                ("main", "MainStream", "H264", 1280, 720, 15, address),
            ],
            user="viewer",
            password="secret",
        )
        async with serve(camera), bare_shop(folder, models_dir, camera) as opened:
            yield opened


@asynccontextmanager
async def bare_shop(
    folder: Path, models_dir: Path, camera: OnvifCamera, more: str = ""
) -> AsyncIterator[FirstShop]:
    """The shop, open until the context ends; whether its camera is served is the caller's.

    ``more`` stands in its configuration already.
    """
    file, loopback = folder / "regulars.toml", free_port()
    text = CONFIG.format(state=folder / "state", port=free_port(), loopback=loopback) + more
    await asyncio.to_thread(file.write_text, text)
    async with AsyncExitStack() as stack:
        opened: asyncio.Future[FirstShop] = asyncio.get_running_loop().create_future()
        url = f"http://127.0.0.1:{loopback}"
        life = asyncio.create_task(_keep_open(file, url, camera, models_dir, opened))
        stack.push_async_callback(_end, life)
        yield await opened


async def _end(life: asyncio.Task[None]) -> None:
    life.cancel()
    with suppress(asyncio.CancelledError):
        await life


async def _keep_open(
    file: Path,
    url: str,
    camera: OnvifCamera,
    models_dir: Path,
    opened: asyncio.Future[FirstShop],
) -> None:
    """The gateway, opened anew whenever its configuration was changed, as ``regulars run`` does."""
    while True:
        config = await asyncio.to_thread(load, file)
        async with gateway(config, models_dir, file=file) as running:
            if opened.done():
                opened.result().running = running
            else:
                opened.set_result(FirstShop(file=file, url=url, camera=camera, running=running))
            await running.first_run.changed.wait()


@asynccontextmanager
async def rtsp(clip: Path) -> AsyncIterator[str]:
    """The camera's stream. Starting and ending its server takes a while, in a thread."""
    server = RtspServer(clip, free_port())
    await asyncio.to_thread(server.__enter__)
    try:
        yield server.address
    finally:
        await asyncio.to_thread(server.kill)


def doorway(path: Path, seconds: int = 60) -> None:
    """A drawn entrance with a mirror and the street outside, H.264, 1280x720: no face in it."""
    still = np.full((720, 1280, 3), (196, 205, 210), np.uint8)
    cv2.fillPoly(
        still, [np.array([[0, 720], [1280, 720], [980, 430], [300, 430]])], (120, 140, 160)
    )
    cv2.rectangle(still, (470, 120), (810, 470), (70, 80, 90), -1)
    cv2.rectangle(still, (490, 140), (790, 470), (235, 225, 200), -1)
    cv2.line(still, (640, 140), (640, 470), (70, 80, 90), 8)
    cv2.rectangle(still, (950, 170), (1120, 470), (60, 70, 80), 6)
    cv2.rectangle(still, (956, 176), (1114, 464), (225, 230, 225), -1)
    cv2.rectangle(still, (120, 330), (330, 560), (80, 100, 130), -1)
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "g": "30"}
        stream = container.add_stream("libx264", rate=15, options=options)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for number in range(seconds * 15):
            picture = still.copy()
            x = 520 + (number * 3) % 240
            cv2.ellipse(picture, (x, 420), (34, 90), 0, 0, 360, (70, 60, 110), -1)
            cv2.circle(picture, (x, 305), 26, (110, 130, 170), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())


class SetupTour(SetupPage):
    """Leads a technician's phone or laptop through the page; each stop has a name."""

    def __init__(self, shop: FirstShop, device: Phone, language: Language) -> None:
        super().__init__(device)
        self.shop = shop
        self.language = language

    async def stops(self) -> AsyncIterator[str]:
        """Every screen in turn, by its name; the device shows it while it is yielded."""
        for part in (self._entrance, self._store, self._cameras, self._privacy, self._rest):
            async for stop in part():
                await self.rested()
                yield stop

    async def _entrance(self) -> AsyncIterator[str]:
        await self.page.goto(f"{self.shop.url}/setup")
        await self.part("#entrance").wait_for()
        yield "without-a-code"
        await self.page.goto("about:blank")
        await self.page.goto(f"{self.shop.url}/setup#{await self.shop.code()}")
        await self.part("#entrance").wait_for()
        if self.language is Language.CHINESE:
            await self.page.evaluate("async () => (await import('/app/i18n.js')).choose('zh')")
        yield "with-a-code"
        await self.tap("setup.code.go")
        await self.part(".setup-steps").wait_for()
        yield "steps"

    async def _store(self) -> AsyncIterator[str]:
        await self.step("store")
        name = "Linden, Old Town" if self.language is Language.ENGLISH else "外滩店"
        await self.write("setup.store.name", name)
        await self.write("setup.store.id", "old-town")
        yield "store"
        await self.saved()
        assert await self.part(".setup-steps").inner_text() != ""

    async def _cameras(self) -> AsyncIterator[str]:
        await self.step("cameras")
        found = self.page.locator(".entry-button", has_text=f"127.0.0.1:{self.shop.camera.port}")
        await found.wait_for()
        yield "cameras-found"
        await found.click()
        await self.write("setup.connect.user", "viewer")
        await self.write("setup.connect.password", "wrong")
        await self.tap("setup.connect.go")
        await expect(self.part(".field-error:not(:empty)")).to_be_visible()
        await expect(self.button(await self.say("setup.connect.go"))).to_be_enabled()
        yield "wrong-password"
        await self.write("setup.connect.password", "secret")
        await self.tap("setup.connect.go")
        await self.part(".entry-button").wait_for()
        await expect(self.button(await self.say("setup.connect.go"))).to_be_enabled()
        yield "streams"
        await self.page.locator(".entry-button", has_text="MainStream").click()
        await self.part(".preview-picture").wait_for()
        yield "camera"
        await self.tap("setup.shape.zone.add")
        await self.tap("setup.shape.mask.add")
        yield "camera-shapes"
        await self.saved()
        yield "cameras-own"
        await self.tap("back")

    async def _privacy(self) -> AsyncIterator[str]:
        await self.step("privacy")
        yield "privacy"
        await self.write("setup.controller.name", "Linden Shoes GmbH")
        await self.write("setup.controller.address", "High Street 1, 10115 Berlin")
        await self.write("setup.controller.contact", "privacy@example.com")
        await self.write("setup.privacy.assessment", "DPIA-2026-014")
        await self.part(".step-body").evaluate("body => body.scrollTo(0, body.scrollHeight)")
        yield "sign"
        await self.saved()

    async def _rest(self) -> AsyncIterator[str]:
        await self.step("scanners")
        await self.part(".hint").wait_for()
        yield "scanners"
        await self.tap("setup.scanners.network")
        await self.write("setup.network.address", "192.168.1.40")
        await self.tap("save")
        yield "network-scanner"
        await self.tap("back")
        await self.tap("back")
        await self.step("headquarters")
        yield "headquarters"
        await self.tap("back")
        await self.step("manager")
        await self.part(".qr").wait_for()
        yield "manager"
        code = await self.part(".code").inner_text()
        await self.shop.running.pairing.pair(code, "the manager's phone")
        await self.part(".empty").wait_for()
        yield "manager-paired"
        await self.tap("back")
        yield "steps-done"
