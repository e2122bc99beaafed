"""The doctor at a real shop: what it finds is what is there."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import msgspec
import pytest
from component.test_app import shop

from edge.app import check_up, gateway
from edge.clienteling_api.server import Doors
from edge.config import BackupConfig, Config
from edge.rules.checkup import Finding, Grade


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


def at_port(config: Config, doors: Doors) -> Config:
    """The configuration with the port that the system chose."""
    api = msgspec.structs.replace(config.api, loopback_port=doors.loopback_port)
    return msgspec.structs.replace(config, api=api)
