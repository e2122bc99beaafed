"""A gateway as a service: what the service manager hears, and what the log must not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

WITHIN_S = 60.0
CONFIG = """
[store]
id = "shop"
name = "Corner Shop"
state_dir = "{state}"

[api]
port = 0
loopback_port = 0
announce = false
"""


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The end of the line that systemd holds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(WITHIN_S)
        yield line


def start(tmp_path: Path, **more: str) -> subprocess.Popen[str]:
    config = tmp_path / "regulars.toml"
    config.write_text(CONFIG.format(state=tmp_path / "state"))
    return subprocess.Popen(
        [sys.executable, "-m", "edge", "run"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "REGULARS_CONFIG": str(config), **more},
    )


def test_the_manager_hears_that_it_is_open_that_it_lives_and_that_it_ends(
    tmp_path: Path, manager: socket.socket
) -> None:
    process = start(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="300000")
    try:
        assert manager.recv(100) == b"READY=1"
        assert [manager.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3
        process.send_signal(signal.SIGTERM)
        while (heard := manager.recv(100)) == b"WATCHDOG=1":
            pass
        assert heard == b"STOPPING=1"
        process.communicate(timeout=WITHIN_S)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()


def test_a_gateway_that_hangs_is_heard_no_more(tmp_path: Path, manager: socket.socket) -> None:
    process = start(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="300000")
    try:
        assert manager.recv(100) == b"READY=1"
        process.send_signal(signal.SIGSTOP)
        manager.settimeout(3.0)  # ten times the manager's patience
        on_their_way = 0
        with suppress(TimeoutError):
            while manager.recv(100):
                on_their_way += 1
        assert on_their_way < 20
    finally:
        process.kill()
        process.communicate()


def test_no_code_that_pairs_a_phone_gets_into_the_log(
    tmp_path: Path, manager: socket.socket
) -> None:
    process = start(tmp_path, NOTIFY_SOCKET=str(tmp_path / "notify"))
    try:
        assert manager.recv(100) == b"READY=1"
        assert process.stderr is not None
        said = ""
        while "To pair a phone" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGTERM)
        said += process.communicate(timeout=WITHIN_S)[1]
        assert "/pair#" not in said
    finally:
        process.kill()
        process.communicate()
