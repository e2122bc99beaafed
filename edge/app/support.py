"""A bundle for whoever helps: how the machine and the gateway are, and nothing of anybody.

Only what is named here goes in. Of the configuration that is what cannot identify a person or open
a door; of the data, how many rows each table has. Whatever the configuration keeps to itself is
struck out of everything else too, should a message quote it.
"""

from __future__ import annotations

import io
import json
import os
import platform
import shutil
import subprocess
import tarfile
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError

import msgspec
import psutil

from edge import __version__
from edge.app.checkup import check_up
from edge.config import CameraConfig, Config, ScannerConfig
from edge.store import snapshot
from edge.store.connection import Connection, open_reader

LOG_LINES = 5000
ASKS_FOR_S = 3.0
STRUCK = "[struck out]"
SHORTEST_SECRET = 4
"""Shorter values, such as a two-letter name, are left out where they stand but not hunted for."""


def write(config: Config, file: Path, out: Path) -> list[str]:
    """Write the bundle, a gzipped tar; returns the names of what is in it.

    ``file`` is the configuration's. Raises ``OSError`` where ``out`` cannot be written.
    """
    strike = striker(config)
    parts = dict(_parts(config, file))
    with tarfile.open(out, "x:gz") as bundle:
        for name, text in parts.items():
            data = strike(text).encode()
            entry = tarfile.TarInfo(f"regulars-support/{name}")
            entry.size, entry.mode = len(data), 0o600
            bundle.addfile(entry, io.BytesIO(data))
    return list(parts)


def _parts(config: Config, file: Path) -> Iterator[tuple[str, str]]:
    yield "about.json", _json(_about())
    yield "configuration.json", _json(shown(config))
    yield "doctor.json", _json(msgspec.to_builtins(check_up(config, file)))
    port = config.api.loopback_port
    yield "health.json", _ask(f"http://127.0.0.1:{port}/api/v1/health")
    yield "metrics.txt", _ask(f"http://127.0.0.1:{port}/metrics")
    yield "tables.json", _json(_tables(Path(config.store.state_dir) / snapshot.DATA))
    yield "log.jsonl", "\n".join(_log())


def _about() -> dict[str, Any]:
    memory = psutil.virtual_memory()
    return {
        "version": __version__,
        "written_at": datetime.now(UTC).isoformat(),
        "python": platform.python_version(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "kernel": platform.release(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": memory.total,
        "memory_free_bytes": memory.available,
        "up_since": datetime.fromtimestamp(psutil.boot_time(), UTC).isoformat(),
    }


def shown(config: Config) -> dict[str, Any]:
    """The configuration without names, addresses and passwords."""
    plain: dict[str, Any] = msgspec.to_builtins(config)
    plain["store"] = {"timezone": config.store.timezone, "language": config.store.language}
    plain["privacy"]["controller"] = STRUCK
    plain["privacy"]["assessment"] = STRUCK
    devices: list[CameraConfig | ScannerConfig] = [*config.cameras, *config.scanners]
    for told, device in zip(plain["cameras"] + plain["scanners"], devices, strict=True):
        told |= {"source": STRUCK, "place": STRUCK, "kind": str(device.kind)}
    plain["backup"] = {"configured": config.backup.to is not None}
    plain["updates"] = {"configured": config.updates.source is not None}
    plain["headquarters"] = {"configured": config.headquarters.url is not None}
    return plain


def striker(config: Config) -> Callable[[str], str]:
    """Strikes out of a text whatever the configuration keeps to itself."""
    devices: list[CameraConfig | ScannerConfig] = [*config.cameras, *config.scanners]
    kept = {device.source for device in devices} | {device.place for device in devices}
    kept |= {config.store.name, config.privacy.assessment}
    kept |= {str(config.backup.to or ""), str(config.headquarters.url or "")}
    kept |= {str(config.updates.source or "")}
    controller = config.privacy.controller
    if controller is not None:
        kept |= {controller.name, controller.address, controller.contact}
    words = sorted((word for word in kept if len(word) >= SHORTEST_SECRET), key=len, reverse=True)

    def strike(text: str) -> str:
        for word in words:
            text = text.replace(word, STRUCK).replace(json.dumps(word)[1:-1], STRUCK)
        return text

    return strike


def _ask(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=ASKS_FOR_S) as answer:
            return str(answer.read().decode())
    except (URLError, OSError) as error:
        return json.dumps({"no_answer": type(error).__name__})


def _tables(path: Path) -> dict[str, int]:
    """How many rows each table has."""
    if not path.exists():
        return {}
    connection = open_reader(path)
    try:
        with connection.transaction("DEFERRED"):
            names = [
                row["name"]
                for row in connection.execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
                )
            ]
            return {name: _count(connection, name) for name in names}
    finally:
        connection.close()


def _count(connection: Connection, name: str) -> int:
    (row,) = connection.execute(f'SELECT count(*) AS rows FROM "{name}"')
    return int(row["rows"])


def _log() -> Iterator[str]:
    """The gateway's own lines, which carry ids; anything else in the journal is left there."""
    program = shutil.which("journalctl")
    if program is None:
        return
    asked = [program, "--unit", "regulars", "--lines", str(LOG_LINES), "--output", "cat"]
    said = subprocess.run(asked, capture_output=True, text=True, errors="replace", check=False)
    for line in said.stdout.splitlines():
        try:
            held = json.loads(line)
        except ValueError:
            continue
        if isinstance(held, dict) and "event" in held:
            yield line


def _json(what: Any) -> str:
    return json.dumps(what, indent=2, ensure_ascii=False)
