"""How long phones wait when the gateway is restarted, as an update or a technician does it.

A gateway of an empty shop runs as a process of its own. Somebody asks for its health over HTTPS,
on a new connection each time, as fast as answers come. The process is told to end, and started
again once it has; the gap is from the last answer of the one to the first answer of the next.
"""

from __future__ import annotations

import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

HOST = "127.0.0.1"
WITHIN_S = 120.0
ASK_WITHIN_S = 1.0
SETTLE_S = 2.0
CONFIG = """\
[store]
id = "bench"
name = "Bench"
state_dir = "{state}"
[api]
host = "127.0.0.1"
port = {port}
loopback_port = {loopback_port}
announce = false
"""


def measure(restarts: int, report: Callable[[str, int, int], None]) -> dict[str, object]:
    """Restart a gateway so many times; milliseconds."""
    gaps, ends = [], []
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        address, command = _prepared(Path(folder))
        with _running(command) as gateway:
            first = time.monotonic()
            _first_answer(address)
            start_ms = (time.monotonic() - first) * 1e3
            for count in range(restarts):
                last = _last_answer(address, time.monotonic() + SETTLE_S)
                gateway[0].terminate()
                gateway[0].wait(WITHIN_S)
                ends.append((time.monotonic() - last) * 1e3)
                gateway[0] = _start(command)
                gaps.append((_first_answer(address) - last) * 1e3)
                report("Restarting", count + 1, restarts)
    return {
        "bench": "gap",
        "restarts": restarts,
        "gap_ms": _of(gaps),
        "end_ms": _of(ends),
        "first_start_ms": round(start_ms),
        "cores": psutil.cpu_count(),
        "load": [round(load, 1), round(os.getloadavg()[0], 1)],
    }


def _prepared(folder: Path) -> tuple[str, list[str]]:
    with socket.create_server((HOST, 0)) as lan, socket.create_server((HOST, 0)) as loopback:
        port, loopback_port = lan.getsockname()[1], loopback.getsockname()[1]
    file = folder / "regulars.toml"
    text = CONFIG.format(state=folder / "state", port=port, loopback_port=loopback_port)
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "edge", "run", "--config", str(file)]
    return f"https://127.0.0.1:{port}/api/v1/health", command


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=quiet, stderr=quiet, stdin=quiet)


@contextmanager
def _running(command: list[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The one that runs at the time, ended at the end."""
    held = [_start(command)]
    try:
        yield held
    finally:
        held[0].terminate()
        held[0].wait(WITHIN_S)


def _first_answer(address: str) -> float:
    """When it came."""
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        if _answers(address):
            return time.monotonic()
        time.sleep(0.005)
    raise TimeoutError("the gateway did not answer")


def _last_answer(address: str, until: float) -> float:
    """When the last one came before ``until``."""
    last = 0.0
    while time.monotonic() < until:
        if _answers(address):
            last = time.monotonic()
    return last


def _answers(address: str) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with urlopen(address, timeout=ASK_WITHIN_S, context=context) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _of(values: list[float]) -> dict[str, int]:
    return {"median": round(statistics.median(values)), "most": round(max(values))}
