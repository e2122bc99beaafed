"""Brings a database up to date, and says what its tables look like before and after.

Migrations only add, so that the release before goes on with what the next has made of the data;
``breaks`` says where one does not, and a test holds them to it.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from edge.rules.growth import Shape
from edge.store import (
    schema,
    schema_catalogue,
    schema_footfall,
    schema_sales,
    schema_sync,
    schema_vouchers,
)
from edge.store.connection import translated

GROUPS = (
    schema.migrations,
    schema_vouchers.migrations,
    schema_catalogue.migrations,
    schema_sales.migrations,
    schema_sync.migrations,
    schema_footfall.migrations,
)
_CHECK = re.compile(r"\bCHECK\s*\((?:[^()]|\([^()]*\))*\)", re.IGNORECASE)


def migrate(database: Database) -> None:
    """Apply what was not applied yet, each in a transaction of its own."""
    for group in GROUPS:
        group.apply(database)


def try_on(database: Path) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """Migrate a copy that nobody uses; its tables before and after. Raises ``StoreUnavailable``."""
    with (
        translated("the data cannot be brought to this release"),
        closing(sqlite3.connect(database, isolation_level=None)) as raw,
    ):
        raw.row_factory = sqlite3.Row
        before = shapes(raw)
        migrate(Database(raw, execute_plugins=False))
        return before, shapes(raw)


def shapes(raw: sqlite3.Connection) -> dict[str, Shape]:
    """The tables by name."""
    tables = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        name: Shape(columns=_columns(raw, name), refusals=frozenset(_refusals(raw, name, sql)))
        for name, sql in tables
        if not name.startswith(("sqlite_", "_sqlite_"))
    }


def _columns(raw: sqlite3.Connection, table: str) -> dict[str, tuple[str, bool, bool, int]]:
    rows = raw.execute(
        'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)', (table,)
    )
    return {name: (kind, bool(no), default is not None, pk) for name, kind, no, default, pk in rows}


def _refusals(raw: sqlite3.Connection, table: str, sql: str) -> list[str]:
    found = [match.group() for match in _CHECK.finditer(sql)]
    for (trigger,) in raw.execute(
        "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", (table,)
    ):
        found.append(trigger)
    for column, other, key, on_update, on_delete in raw.execute(
        'SELECT "from", "table", "to", on_update, on_delete FROM pragma_foreign_key_list(?)',
        (table,),
    ):
        found.append(f"{column} {other} {key} {on_update} {on_delete}")
    for name, partial in raw.execute(
        'SELECT name, partial FROM pragma_index_list(?) WHERE "unique" = 1', (table,)
    ).fetchall():
        columns = [c for (c,) in raw.execute("SELECT name FROM pragma_index_info(?)", (name,))]
        where = raw.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        found.append(f"unique {columns} {where[0] if partial else ''}")
    return found
