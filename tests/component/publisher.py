"""A publisher of releases whose repository is served by a plain web server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tuf.api.metadata import TargetFile

from edge.update.manifest import NEWEST, manifest_path
from edge.update.publishing import Keys, Repository


@dataclass
class Publisher:
    """Signs releases, of which here only the names matter."""

    folder: Path
    keys: Keys = field(init=False)
    repository: Repository = field(init=False)

    def __post_init__(self) -> None:
        self.keys = Keys(self.folder / "keys", "a passphrase")
        self.keys.make()
        self.repository = Repository(self.folder / "repository")
        self.repository.begin(self.keys)

    @property
    def anchor(self) -> Path:
        return self.repository.folder / "metadata/1.root.json"

    def add(self, version: str, machine: str = "x86_64") -> None:
        data = json.dumps({"version": version}).encode()
        paths = [manifest_path(each, machine) for each in (version, NEWEST)]
        held: list[tuple[TargetFile, Path | bytes]] = [
            (TargetFile.from_data(path, data), data) for path in paths
        ]
        self.repository.publish(held, self.keys)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def served(folder: Path, host: str = "127.0.0.1") -> Iterator[str]:
    """The address, while it is served."""
    server = ThreadingHTTPServer((host, 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{host}:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
