"""The setup page's API on a real gateway with a configuration of its own.

What would break: a code that lets two phones in, or one that lets anybody at members; a password
that comes back out; a setting that is written and does not hold; a technician who stays.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from component.onvif_camera import OnvifCamera, serve

from edge.app import gateway
from edge.app.gateway import Gateway
from edge.config import load
from edge.config.reading import text_of
from edge.domain import Role
from edge.flows.pairing import Pairing

CONFIG = """\
# written by hand
[store]
id = "shop"
name = "Corner Shop"
state_dir = "{state}"

[api]
host = "127.0.0.1"
port = 0
loopback_port = 0
announce = false
"""
STREAM = ("main", "Main", "H264", 1920, 1080, 25, "rtsp://127.0.0.1:8554/door")
HUGE = ("huge", "Huge", "H265", 3840, 2160, 25, "rtsp://127.0.0.1:8554/huge")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "regulars.toml"
    path.write_text(CONFIG.format(state=tmp_path / "state"))
    return path


@pytest.fixture
async def shop(file: Path, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway(load(file), tmp_path / "models", file=file) as running:
        yield running


@asynccontextmanager
async def phone(shop: Gateway, role: Role) -> AsyncIterator[ClientSession]:
    """A phone that came with a code for this role."""
    base = f"http://127.0.0.1:{shop.doors.loopback_port}/api/v1/"
    invitation = await shop.pairing.invite(None, "Somebody", role)
    async with ClientSession(base) as client:
        paired = await ask(client, "POST", "pair", {"code": invitation.code, "device": "phone"})
        client.headers["Authorization"] = f"Bearer {paired['token']}"
        yield client


async def ask(
    client: ClientSession, method: str, path: str, body: Any = None, status: int | None = None
) -> Any:
    async with client.request(method, path, json=body) as answer:
        text = await answer.text()
        if status is not None:
            assert answer.status == status, text
        else:
            assert answer.status < 300, text
        return await answer.json(content_type=None) if text else None


async def test_a_technician_sets_the_shop_up_and_reaches_nothing_else(shop: Gateway) -> None:
    async with phone(shop, Role.TECHNICIAN) as technician:
        seen = await ask(technician, "GET", "setup")
        assert (seen["store"]["id"], seen["managers"], seen["cameras"]) == ("shop", 0, [])
        for path in ("members?q=a", "visits", "me", "feed", "sessions", "load", "guards"):
            await ask(technician, "GET", path, status=403)
    async with phone(shop, Role.GUIDE) as guide:
        await ask(guide, "GET", "setup", status=403)
    async with phone(shop, Role.MANAGER) as manager:
        assert (await ask(manager, "GET", "setup"))["role"] == "manager"


async def test_one_technician_at_a_time_and_for_a_few_hours(
    shop: Gateway, file: Path, tmp_path: Path
) -> None:
    async with phone(shop, Role.TECHNICIAN) as first:
        await ask(first, "GET", "setup")
        async with phone(shop, Role.TECHNICIAN) as second:
            await ask(second, "GET", "setup")
            await ask(first, "GET", "setup", status=401)
            token = second.headers["Authorization"].removeprefix("Bearer ")
    later = Pairing(shop.store, shop.feed, lambda: datetime.now(UTC) + timedelta(hours=4))
    assert await later.sessions() == []
    assert await shop.pairing.session(token)


async def test_what_is_decided_is_written_and_the_gateway_is_to_open_anew(
    shop: Gateway, file: Path
) -> None:
    async with phone(shop, Role.TECHNICIAN) as technician:
        camera = {
            "camera_id": "door",
            "place": "Front door",
            "address": "rtsp://192.0.2.9/main",
            "user": "viewer",
            "password": "p@ss word",
            "zone": [[0, 0.5], [1, 0.5], [1, 1]],
        }
        wish = {"store_name": "外滩店", "time_zone": "Asia/Shanghai", "cameras": [camera]}
        assert await ask(technician, "PATCH", "setup", wish) == {"opens_anew": True}
        assert shop.first_run.changed.is_set()
        seen = await ask(technician, "GET", "setup")
        assert seen["cameras"][0]["address"] == "rtsp://192.0.2.9/main"
        assert "p@ss" not in str(seen)
        assert "p%40ss" not in str(seen)
        moved = {"camera_id": "door", "place": "Door", "masks": [[[0, 0], [1, 0], [1, 0.2]]]}
        await ask(technician, "PATCH", "setup", {"cameras": [moved]})
        assert await ask(technician, "PATCH", "setup", {"cameras": [moved]}) == {
            "opens_anew": False
        }
    (door,) = load(file).cameras
    assert door.source == "rtsp://viewer:p%40ss%20word@192.0.2.9/main"
    assert (door.zone, len(door.masks)) == (None, 1)
    assert text_of(file).startswith("# written by hand\n")


async def test_a_scanner_of_the_shop_keeps_its_password_when_another_is_added(
    shop: Gateway, file: Path
) -> None:
    async with phone(shop, Role.TECHNICIAN) as technician:
        looks = {
            "scanner_id": "desk",
            "kind": "camera",
            "source": "rtsp://u:secret@192.0.2.9/desk",
        }
        await ask(technician, "PATCH", "setup", {"scanners": [looks]})
        (seen,) = (await ask(technician, "GET", "setup"))["scanners"]
        assert seen["source"] == "rtsp://192.0.2.9/desk"
        till = {"scanner_id": "till-1", "kind": "serial", "source": "/dev/serial/by-id/x"}
        kept = {"scanner_id": "desk", "kind": "camera"}
        await ask(technician, "PATCH", "setup", {"scanners": [kept, till]})
    desk, _ = load(file).scanners
    assert desk.source == "rtsp://u:secret@192.0.2.9/desk"


async def test_a_wrong_setting_is_refused_with_its_key_and_the_file_stays(
    shop: Gateway, file: Path
) -> None:
    before = text_of(file)
    async with phone(shop, Role.MANAGER) as manager:
        await ask(manager, "POST", "members", {"name": "Ana"})  # known under the shop's id
    async with phone(shop, Role.TECHNICIAN) as technician:
        for wrong, word in (
            ({"store_id": "another"}, "store.id"),
            ({"time_zone": "Mars/Base"}, "store.timezone"),
            ({"cameras": [{"camera_id": "door"}]}, "cameras"),
            ({"scanners": [{"scanner_id": "a", "kind": "hidpos", "source": "x"}]}, "scanners[0]"),
        ):
            said = await ask(technician, "PATCH", "setup", wrong, status=400)
            assert word in said["detail"]
            assert str(file) not in said["detail"]
    assert text_of(file) == before
    assert not shop.first_run.changed.is_set()


async def test_face_matching_without_its_models_is_refused_and_the_gateway_still_opens(
    shop: Gateway, file: Path
) -> None:
    whole = {
        "privacy_profile": "eu",
        "assessment": "DPIA-1",
        "sign_confirmed_on": "2026-11-28",
        "controller": {"name": "Shop Ltd", "address": "1 High Street", "contact": "a@b.example"},
    }
    async with phone(shop, Role.TECHNICIAN) as technician:
        said = await ask(technician, "PATCH", "setup", whole, status=400)
    assert "models fetch" in said["detail"]
    assert load(file).privacy.why_off() is not None


async def test_a_camera_on_the_network_is_found_and_asked(shop: Gateway) -> None:
    async with (
        serve(OnvifCamera(streams=[STREAM, HUGE])) as camera,
        phone(shop, Role.TECHNICIAN) as technician,
    ):
        found = (await ask(technician, "GET", "setup/cameras"))["cameras"]
        (seen,) = [one for one in found if one["id"] == f"urn:uuid:{camera.id}"]
        wish = {"addresses": seen["addresses"], "user": camera.user, "password": camera.password}
        told = await ask(technician, "POST", "setup/streams", wish)
        assert [(s["name"], s["recommended"]) for s in told["streams"]] == [
            ("Huge", False),
            ("Main", True),
        ]
        assert camera.password not in str(told)
        said = await ask(technician, "POST", "setup/streams", wish | {"password": "x"}, status=400)
        assert said["field"] == "password"


async def test_the_sign_needs_who_answers_and_is_a_pdf(shop: Gateway) -> None:
    async with phone(shop, Role.TECHNICIAN) as technician:
        await ask(technician, "GET", "setup/sign", status=409)
        who = {"name": "Shop <Ltd> & 商店", "address": "1 High Street", "contact": "a@b.example"}
        await ask(technician, "PATCH", "setup", {"controller": who})
        for language in ("en", "zh"):
            sign = await ask(technician, "GET", f"setup/sign?language={language}")
            assert sign["pdf"].startswith("JVBERi0")  # %PDF- in base64
            assert sign["file_name"] == "sign-shop.pdf"


async def test_the_setup_ends_with_the_first_manager_and_lets_nobody_in_again(
    shop: Gateway,
) -> None:
    async with phone(shop, Role.TECHNICIAN) as technician:
        await ask(technician, "POST", "setup/end", status=409)
        invited = await ask(technician, "POST", "setup/manager")
        assert invited["url"].endswith(f"/pair#{invited['code']}")
        base = f"http://127.0.0.1:{shop.doors.loopback_port}/api/v1/"
        async with ClientSession(base) as manager:
            await ask(manager, "POST", "pair", {"code": invited["code"], "device": "phone"})
        await ask(technician, "POST", "setup/manager", status=403)
        unused = await shop.pairing.invite(None, "Technician", Role.TECHNICIAN)
        await ask(technician, "POST", "setup/end")
        await ask(technician, "GET", "setup", status=401)
        again = {"code": unused.code, "device": "phone"}
        await ask(technician, "POST", "pair", again, status=404)


# --- as a process --------------------------------------------------------------------------


@pytest.fixture
def process(file: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "edge", "run", "--config", str(file)],
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        running.kill()
        running.communicate()


def port_of(running: subprocess.Popen[str]) -> int:
    """The loopback port that the gateway says it listens on, the next time it says so."""
    assert running.stderr is not None
    for line in running.stderr:
        found = re.search(r'"loopback_port": ?(\d+)', line)
        if found:
            return int(found.group(1))
    raise AssertionError("the gateway ended")


def test_the_gateway_opens_anew_by_itself_and_the_technician_goes_on(
    file: Path, process: subprocess.Popen[str]
) -> None:
    port = port_of(process)
    said = subprocess.run(
        [sys.executable, "-m", "edge", "setup", "--config", str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    code = re.search(r"/setup#([0-9A-Z]{10})", said.stderr)
    assert code, said.stderr
    token = call(port, "POST", "pair", {"code": code[1], "device": "laptop"})["token"]
    before = call(port, "GET", "setup", token=token)
    call(port, "PATCH", "setup", {"store_name": "New Name"}, token)
    after = call(port_of(process), "GET", "setup", token=token)
    assert after["store"]["name"] == "New Name"
    assert after["started_at"] > before["started_at"]
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 0


def call(port: int, method: str, path: str, body: Any = None, token: str = "") -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        if token
        else {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())
