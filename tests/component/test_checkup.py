"""The doctor at a real shop: what it finds is what is there."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from aiohttp import ClientSession
from component.test_app import shop

from edge.app import check_up, gateway
from edge.app import checkup as looking
from edge.app.rounds import Rounds
from edge.clienteling_api.server import Doors
from edge.config import BackupConfig, Config
from edge.domain import Role
from edge.rules import checkup
from edge.rules.checkup import Finding, Grade

BOUND_S = 60.0


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that is slow to answer is there all the same."""
    monkeypatch.setattr(looking, "ASKS_FOR_S", BOUND_S)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "regulars.toml"
    path.touch(mode=0o600)
    return path


def grades(findings: list[Finding]) -> dict[str, Grade]:
    return {finding.check: finding.grade for finding in findings}


async def test_an_open_shop_is_well(tmp_path: Path, file: Path, models_dir: Path) -> None:
    config = shop(tmp_path / "state", face_matching=False)
    async with gateway(config, models_dir) as running:
        found = grades(await asyncio.to_thread(check_up, at_port(config, running.doors), file))
    assert found["gateway"] is Grade.GREEN
    assert found["database"] is Grade.GREEN
    assert found["permissions"] is Grade.GREEN
    assert found["certificate of the gateway"] is Grade.GREEN
    assert found["authority that phones trust"] is Grade.GREEN


def test_a_shop_that_is_closed_and_open_to_all_is_told(tmp_path: Path, file: Path) -> None:
    config = shop(tmp_path / "state", face_matching=False)
    config = msgspec.structs.replace(config, backup=BackupConfig(to=str(tmp_path / "nowhere")))
    file.chmod(0o644)
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "regulars.db").write_bytes(b"no database at all" * 100)
    with socket.create_server(("0.0.0.0", 0)) as foreign:
        findings = check_up(config, file)
        port = foreign.getsockname()[1]
    found = grades(findings)
    assert found["gateway"] is Grade.RED
    assert found["database"] is Grade.RED
    assert found["copies"] is Grade.RED
    assert found["permissions"] is Grade.RED
    (ports,) = [finding for finding in findings if finding.check == "ports"]
    assert str(port) in ports.said


@dataclass
class Clock:
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def test_however_often_phones_ask_the_doctor_looks_once_a_minute() -> None:
    clock, looks, looking, go_on = Clock(), 0, threading.Event(), threading.Event()

    def look() -> list[Finding]:
        nonlocal looks
        looks += 1
        looking.set()
        assert go_on.wait(BOUND_S)
        return [checkup.disk(4_000_000_000)]

    doctor = Rounds(look, clock)
    gone = asyncio.create_task(doctor.last())
    await asyncio.to_thread(looking.wait, BOUND_S)
    gone.cancel()
    clock.now += timedelta(minutes=5)
    waiting = [asyncio.create_task(doctor.last()) for _ in range(20)]
    await asyncio.sleep(0)
    go_on.set()
    first = await asyncio.gather(*waiting)
    assert looks == 1, "a look that lasts is waited for, by whoever comes"
    assert {found.checked_at for found in first} == {datetime(2026, 3, 1, 9, tzinfo=UTC)}
    await doctor.last()
    assert looks == 2, "what is older than a minute is looked at anew"
    clock.now += timedelta(seconds=59)
    await doctor.last()
    assert looks == 2
    await doctor.end()


async def test_a_manager_reads_what_the_doctor_finds_and_a_guide_does_not(
    tmp_path: Path, file: Path, models_dir: Path
) -> None:
    config = shop(tmp_path / "state", face_matching=False)
    async with gateway(config, models_dir, file=file) as running, ClientSession() as http:
        url = f"http://127.0.0.1:{running.doors.loopback_port}/api/v1/checkup"
        said = {}
        for role in Role:
            invitation = await running.pairing.invite(None, "Ana", role)
            paired = await running.pairing.pair(invitation.code, "a phone")
            headers = {"Authorization": f"Bearer {paired.token}"}
            async with http.get(url, headers=headers) as response:
                said[role] = response.status, await response.json()
    assert said[Role.GUIDE][0] == 403
    status, body = said[Role.MANAGER]
    assert status == 200
    found = {finding["check"]: finding for finding in body["findings"]}
    assert found["gateway"]["grade"] == "green"
    assert found["copies"]["key"] == "copies.off"


def at_port(config: Config, doors: Doors) -> Config:
    """The configuration with the port that the system chose."""
    api = msgspec.structs.replace(config.api, loopback_port=doors.loopback_port)
    return msgspec.structs.replace(config, api=api)
