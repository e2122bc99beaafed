"""A real NATS server that a test can kill, and waiting for a server to be there."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from edge.demo.town import nats_server

STARTS_WITHIN_S = 60.0
READ_AGAIN = "Reloaded server configuration"


@dataclass(slots=True)
class Broker:
    """A NATS server as a process of its own, which can be killed and started again."""

    config: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(nats_server(self.config), stderr=said)
        until(lambda: listening(self.port), self.process)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def read_users_again(self) -> None:
        """As an operator tells it, who was told so by ``python -m hq admit``."""
        if self.process is not None:
            before = self.log.read_text().count(READ_AGAIN)
            self.process.send_signal(signal.SIGHUP)
            until(lambda: self.log.read_text().count(READ_AGAIN) > before, self.process)

    @property
    def log(self) -> Path:
        return self.config.with_name("log")


class Runs(Protocol):
    """A process that was started."""

    args: Any

    def poll(self) -> int | None: ...


def until(done: Callable[[], bool], process: Runs) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if done():
            return
        time.sleep(0.02)
    raise AssertionError(f"{process.args} did not start")


def listening(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0
