"""How much there is in a database that somebody else may be using."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.store.connection import Connection, open_reader


def rows(path: Path, tables: Iterable[str]) -> dict[str, int]:
    """Rows by table; 0 where a table is not there. Raises ``StoreUnavailable``."""
    with _reading(path) as connection:
        there = {row["name"] for row in connection.execute("SELECT name FROM sqlite_schema")}
        return {name: _count(connection, name) if name in there else 0 for name in tables}


def reservations(path: Path) -> int:
    """Vouchers that are being redeemed. Raises ``StoreUnavailable``."""
    with _reading(path) as connection:
        return _count(connection, "redemptions WHERE state = 'reserved'")


def wanted_release(path: Path) -> str | None:
    """The release that headquarters wants here. Raises ``StoreUnavailable``."""
    with _reading(path) as connection:
        found = connection.execute("SELECT version FROM wanted_release")
        return next((row["version"] for row in found), None)


def _count(connection: Connection, what: str) -> int:
    (row,) = connection.execute(f"SELECT count(*) AS rows FROM {what}")
    return int(row["rows"])


@contextmanager
def _reading(path: Path) -> Iterator[Connection]:
    connection = open_reader(path)
    try:
        with connection.transaction("DEFERRED"):
            yield connection
    finally:
        connection.close()
