"""The story that the installer is for: a mini-PC is unpacked, one command typed, and soon the door
camera recognises the first member and two phones are paired. On an installed machine that boots,
through its firewall and behind its walls, with the real program, browser, stream and models.

The tests go on where the one before ended.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from component.door_scene import Person, default_pack
from component.rtsp_server import PACKAGES, RtspServer, installed
from conftest import SHARED
from e2e.browser import open_browser
from e2e.look import faults
from e2e.shop import Phone, phone
from playwright.async_api import WebSocket
from ports import free_port
from provisioning.container import Container
from provisioning.first_day import FirstDay, camera, console, film, member_of, trusted
from provisioning.shop_phone import stranger

NAME = "Anna Lindqvist"
NOT_GREEN = {"key sealing", "clock", "copies"}
"""What a machine in a container lacks, and what the shop has not decided yet."""
VISION = "'[e]dge.vision'"
"""Written so that it does not mean the shell that asks for it."""
PickUp = Callable[[], Awaitable[Phone]]


@pytest.fixture(scope="module")
def machine(unpacked: Container) -> Iterator[Container]:
    """The machine, switched on."""
    with unpacked.on():
        unpacked.up()
        yield unpacked


@pytest.fixture(scope="module")
def person(models_dir: Path) -> Person:
    return member_of(SHARED if SHARED.is_dir() else None, default_pack(models_dir))


@pytest.fixture(scope="module")
def stream(
    machine: Container,
    person: Person,
    require: Callable[[bool, str], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """What the door's camera sends."""
    require(installed(), PACKAGES)
    clip = film(person, tmp_path_factory.mktemp("film"))
    with RtspServer(clip, free_port(), machine.host) as server:
        yield server.address


@pytest.fixture
async def pick_up(machine: Container, chromium: Path, tmp_path: Path) -> AsyncIterator[PickUp]:
    """Phones that trust the shop's own authority."""
    async with open_browser(
        chromium, tmp_path, await asyncio.to_thread(trusted, machine)
    ) as browser:
        yield lambda: phone(browser)


@pytest.fixture
def day(machine: Container, person: Person) -> FirstDay:
    return FirstDay(machine, person)


async def test_a_shop_recognises_its_first_member_and_two_phones_are_paired(
    day: FirstDay, stream: str, pick_up: PickUp
) -> None:
    technician, manager, guide = await pick_up(), await pick_up(), await pick_up()
    async with camera(day.machine, stream) as there:
        await day.set_up(there, technician, manager)
    await day.invite(manager, guide)
    await day.enrol(manager, NAME)
    await day.greet(guide, NAME)
    assert await faults(guide.page) == []


def test_the_doctor_finds_nothing_that_needs_a_person(machine: Container, stream: str) -> None:
    said = machine.run("regulars doctor --json", within_s=240)
    found = json.loads(next(line for line in said.text.splitlines() if line.startswith("{")))
    grades = {one["check"]: one["grade"] for one in found["findings"]}
    assert {check for check, grade in grades.items() if grade != "green"} == NOT_GREEN, said.text
    assert "red" not in grades.values()
    assert {"camera door", "firewall", "permissions", "ports"} <= grades.keys(), said.text


async def test_phones_stay_when_the_vision_process_is_killed(
    day: FirstDay, stream: str, pick_up: PickUp
) -> None:
    guide, lines = await connected(day, pick_up)
    before = await console(day.machine, f"pgrep -f {VISION}")
    await console(day.machine, f"kill -KILL {before}")
    another = f"pgrep -f {VISION} | grep -vx {before.strip()}"
    await asyncio.to_thread(day.machine.until, another)
    await watching(day.machine)
    assert [line.is_closed() for line in lines] == [False], "one line, from first to last"
    await guide.reads("The door is watched")


async def test_a_phone_goes_on_when_the_service_is_restarted(
    day: FirstDay, stream: str, pick_up: PickUp
) -> None:
    guide, lines = await connected(day, pick_up)
    await console(day.machine, "systemctl restart regulars")
    await watching(day.machine)
    await guide.reads(NAME)
    await guide.reads("The door is watched")
    assert [line.is_closed() for line in lines] == [True, False]


async def connected(day: FirstDay, pick_up: PickUp) -> tuple[Phone, list[WebSocket]]:
    """A phone that shows the door watched, and the lines that it opens from now on."""
    guide = await pick_up()
    lines: list[WebSocket] = []
    guide.page.on("websocket", lambda line: lines.append(line))
    said = await console(day.machine, "regulars pair --name Tom")
    code = re.search(r"/pair#(\w+)", said)
    assert code is not None, said
    await day.pair(guide, code[1])
    await guide.reads("The door is watched")
    return guide, lines


async def watching(machine: Container) -> None:
    """Wait until somebody looks through the camera."""
    phone = await asyncio.to_thread(stranger, machine)
    async with asyncio.timeout(300):
        while True:
            with suppress(OSError):
                health = await asyncio.to_thread(phone.has, "GET", "/health")
                seen = [one["state"]["status"] for one in health["cameras"]]
                if (health["vision"], seen) == ("ready", ["live"]):
                    return
            await asyncio.sleep(0.2)
