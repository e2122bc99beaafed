"""A technician's first day in a shop: a machine that was just installed, a camera on its network,
phones; and somebody who walks through the door again and again.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
from component.door_scene import Person, encode, people, scene, walk
from component.onvif_camera import OnvifCamera, serve
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from e2e.first_shop import SetupPage
from e2e.shop import Phone
from playwright.async_api import expect
from provisioning.container import Container
from workers import CAMERAS, alone

from edge.vision.packs import Pack

AUTHORITY = "/var/lib/regulars/tls/authority.pem"
AWAY, PASSES, ROUNDS = 90, 75, 150
"""Frames without anybody, frames of somebody who comes by, and how often: half an hour."""
ENROLLED_WITH = 3
LFW_PX, OF_480 = 250, 537
"""A photo of the research set, and what it becomes where its face is to be 200 px wide."""


async def console(machine: Container, command: str) -> str:
    """What a command said on the machine's console."""
    return await asyncio.to_thread(machine.ok, command, within_s=120)


def member_of(shared: Path | None, pack: Pack) -> Person:
    """Whoever becomes the first member: the first photo is how the door sees them, the others are
    what a phone takes. Where the research set is not there, all are made of one photograph.
    """
    if shared is None:
        return people(pack)[-1]
    folders = sorted((shared / "faces-dev").iterdir())
    photos = next(
        found for one in folders if len(found := sorted(one.glob("*.jpg"))) > ENROLLED_WITH
    )
    square = cv2.resize(cv2.imread(str(photos[0])), (OF_480, OF_480))
    edge = (OF_480 - 480) // 2
    seen = cv2.imencode(".jpg", square[edge : edge + 480, edge : edge + 480])[1].tobytes()
    return Person(photos[0].parent.name, [seen, *(one.read_bytes() for one in photos[1:])])


def film(person: Person, folder: Path) -> Path:
    """The door for half an hour: nobody for six seconds, then the person for five, and so on."""
    nobody = [scene()] * AWAY
    once = encode(folder / "once.mp4", [*nobody, *walk(person, PASSES)])
    return repeated(once, folder / "door.mp4", ROUNDS)


def repeated(clip: Path, path: Path, times: int) -> Path:
    """A clip so many times after another, its pictures as they were encoded."""
    with av.open(str(path), "w") as to:
        stream, start = None, 0
        for _ in range(times):
            with av.open(str(clip)) as one:
                shown = one.streams.video[0]
                stream = stream or to.add_stream_from_template(shown)
                for packet in one.demux(shown):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.dts, packet.pts = packet.dts + start, packet.pts + start
                    packet.stream = stream
                    to.mux(packet)
                start += shown.duration or 0
    return path


@asynccontextmanager
async def camera(machine: Container, stream: str) -> AsyncIterator[OnvifCamera]:
    """A network camera beside the machine, with this stream."""
    streams = [("main", "MainStream", "H264", 1280, 720, 15, stream)]
    host = machine.host
    there = OnvifCamera(streams=streams, host=host, named_host=host, password="secret")
    with ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, alone(CAMERAS))
        async with serve(there):
            yield there


def trusted(machine: Container) -> str:
    """Chromium's argument for trusting the gateway, whose certificate is the shop's authority's."""
    authority = ssl.create_default_context(cadata=machine.ok(f"cat {AUTHORITY}"))
    with (
        socket.create_connection(machine.door) as line,
        authority.wrap_socket(line, server_hostname=machine.address) as door,
    ):
        shown = door.getpeercert(binary_form=True)
    assert shown is not None
    key = x509.load_der_x509_certificate(shown).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = base64.b64encode(hashlib.sha256(spki).digest()).decode()
    return f"--ignore-certificate-errors-spki-list={digest}"


@dataclass(frozen=True, slots=True)
class FirstDay:
    """What is done on it, in the order in which people do it."""

    machine: Container
    person: Person

    async def set_up(self, camera: OnvifCamera, technician: Phone, manager: Phone) -> None:
        """From the code on the console to a manager's phone, through every step of the page."""
        said = await console(self.machine, "regulars setup")
        way = re.search(r"https://\S+/setup#\w+", said)
        assert way is not None, said
        page = SetupPage(technician)
        await technician.page.goto(way[0])
        await page.tap("setup.code.go")
        await page.part(".setup-steps").wait_for()
        await page.step("store")
        await page.write("setup.store.name", "Linden, Old Town")
        await page.write("setup.store.id", "old-town")
        await page.saved()
        await self._camera(page, camera)
        await self._privacy(page)
        await page.step("manager")
        code = await page.part(".code").inner_text()
        await self.pair(manager, code)
        await page.part(".empty").wait_for()
        await page.tap("back")
        await page.tap("setup.finish")
        await page.part("#pairing").wait_for()

    async def _camera(self, page: SetupPage, camera: OnvifCamera) -> None:
        """Found on the network, with what it sees, and the zone of it that counts."""
        await page.step("cameras")
        there = f"{camera.host}:{camera.port}"
        await page.page.locator(".entry-button", has_text=there).click()
        await page.write("setup.connect.user", camera.user)
        await page.write("setup.connect.password", camera.password)
        await page.tap("setup.connect.go")
        await page.page.locator(".entry-button", has_text="MainStream").click()
        await page.part(".preview-picture").wait_for(timeout=60_000)
        await page.tap("setup.shape.zone.add")
        await page.saved()
        await page.tap("back")

    async def _privacy(self, page: SetupPage) -> None:
        await page.step("privacy")
        label = await page.say("setup.privacy.profile")
        await page.page.get_by_label(label).select_option("eu")
        await page.write("setup.controller.name", "Linden Shoes GmbH")
        await page.write("setup.controller.address", "High Street 1, 10115 Berlin")
        await page.write("setup.controller.contact", "privacy@example.com")
        await page.write("setup.privacy.assessment", "DPIA-2026-014")
        await page.page.get_by_role("switch").check(force=True)
        await page.saved()

    async def pair(self, phone: Phone, code: str) -> None:
        """As somebody does who points their phone at a QR; the phone hears of all from then on."""
        host, port = self.machine.door
        await phone.page.goto(f"https://{host}:{port}/pair#{code}")
        async with phone.page.expect_websocket(lambda line: "/api/v1/feed" in line.url):
            await phone.tap("Pair this phone")
        await phone.sees("In store now")

    async def invite(self, manager: Phone, guide: Phone) -> None:
        """The manager lets another phone in."""
        await manager.go("Shop")
        await manager.tap("Invite a phone")
        await manager.page.get_by_label("Who will use it").fill("Tom")
        await manager.tap("Show the QR")
        await self.pair(guide, await manager.page.locator(".code").inner_text())

    async def enrol(self, phone: Phone, name: str) -> None:
        """A new member agrees on the guide's phone, which then takes photos."""
        await phone.go("Members")
        await phone.tap("New member")
        await phone.page.get_by_label("Name", exact=True).fill(name)
        await phone.tap("Save")
        await phone.sees(name)
        await phone.tap("Offer recognition")
        await phone.tap("Show the notice")
        await phone.page.get_by_role("button", name="I have read this, and I agree").click()
        await phone.tap("Hand back and take photos")
        chosen = phone.page.get_by_label("Choose a photo").last
        for count, photo in enumerate(self.person.photos[-ENROLLED_WITH:], start=1):
            picture = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo}
            await chosen.set_input_files(picture)
            taken = f"{count} of 5 photos taken"
            await expect(phone.page.get_by_label(taken)).to_be_visible(timeout=60_000)
        await phone.tap("Done")

    async def greet(self, phone: Phone, name: str) -> None:
        """Wait until the phone says that this member may have come in, and look up: it is them."""
        await phone.page.get_by_label(f"It's them: {name}").click(timeout=180_000)
        await phone.reads("Confirmed")
