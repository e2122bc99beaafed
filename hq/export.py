"""Everything headquarters holds, as files; and everything it holds of one member, as a document.

The tables are streamed as they stood at one moment, however long it takes and whoever writes
meanwhile. ``manifest.json`` is written last: a folder without it is not whole.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

import msgspec

from hq import identity
from hq.problems import Mistake
from hq.schema import Connection

Format = Literal["csv", "jsonl"]

_TABLES = """
SELECT table_name FROM information_schema.tables
WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
AND table_name NOT IN ('sessions', 'invitations') ORDER BY table_name"""
_OF_MEMBER = {
    "member": "SELECT * FROM members WHERE id = ANY($1::text[])",
    "history": "SELECT * FROM member_history WHERE member_id = ANY($1::text[]) ORDER BY kept_at",
    "merged": "SELECT * FROM merges WHERE loser = ANY($1::text[])",
    "visits": "SELECT * FROM visits WHERE member_id = ANY($1::text[]) ORDER BY opened_at",
    "consents": "SELECT * FROM consents WHERE member_id = ANY($1::text[]) ORDER BY given_at",
    "redemptions": "SELECT * FROM redemptions WHERE member_id = ANY($1::text[]) ORDER BY at",
    "sales": "SELECT sales.*, (SELECT json_agg(line ORDER BY line.line) FROM sale_lines AS line "
    "WHERE sale_id = sales.id) AS lines FROM sales WHERE member_id = ANY($1::text[]) "
    "ORDER BY sold_at",
    "rhythm": "SELECT * FROM figures_regulars WHERE member_id = ANY($1::text[])",
    "looked_at": "SELECT at, action, reason FROM audit WHERE subject = ANY($1::text[]) ORDER BY at",
    "messages": "SELECT store_id, received_at, body FROM events "
    "WHERE body->>'member_id' = ANY($1::text[]) ORDER BY received_at, store_id, sequence",
    "told_to_stores": "SELECT feed, store_id, body::json FROM feed "
    "WHERE body::json->>'member_id' = ANY($1::text[]) ORDER BY position",
}


@dataclass(slots=True)
class Exported:
    """How far the export of a table is."""

    table: str
    file: str
    size: int = 0
    rows: int | None = None


async def tables(connection: Connection, folder: Path, form: Format) -> AsyncIterator[Exported]:
    """Write a file for each table into a new folder; yields each as it begins and as it is done.

    To be run in a transaction of its own, REPEATABLE READ. Raises ``Mistake``.
    """
    _make(folder)
    done = []
    for row in await connection.fetch(_TABLES):
        exported = Exported(row["table_name"], f"{row['table_name']}.{form}")
        yield exported
        with _private(folder / exported.file) as file:
            await _copy(connection, exported, file, form)
        done.append(exported)
        yield exported
    manifest = {"exported_at": datetime.now(UTC), "tables": done}
    with _private(folder / "manifest.json") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2))


async def of_member(connection: Connection, member_id: str) -> bytes:
    """All that is held of a member, under every id that stands for them, as JSON.

    Raises ``Mistake`` for an id that nobody has.
    """
    root = (await identity.roots(connection, [member_id]))[member_id]
    ids = await identity.below(connection, [root])
    found: dict[str, msgspec.Raw] = {}
    for name, sql in _OF_MEMBER.items():
        text = await connection.fetchval(
            f"SELECT coalesce(json_agg(each), '[]')::text FROM ({sql}) AS each", ids
        )
        found[name] = msgspec.Raw(text.encode())
    if bytes(found["member"]) == b"[]":
        raise Mistake(f"no member has the id {member_id}")
    document = {"exported_at": datetime.now(UTC), "ids": ids, **found}
    return msgspec.json.format(msgspec.json.encode(document), indent=2)


async def _copy(connection: Connection, exported: Exported, file: IO[bytes], form: Format) -> None:
    async def write(data: bytes) -> None:
        exported.size += file.write(data)

    if form == "csv":
        status = await connection.copy_from_table(
            exported.table, output=write, format="csv", header=True
        )
    else:
        # JSON has no control characters of its own, so that with these nothing is quoted twice.
        status = await connection.copy_from_query(
            f"SELECT row_to_json(each) FROM {exported.table} AS each",
            output=write,
            format="csv",
            delimiter="\x02",
            quote="\x01",
            escape="\x01",
        )
    exported.rows = int(status.rpartition(" ")[2])


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError as error:
        raise Mistake(f"{folder} is there already; name a new folder") from error


def _private(path: Path) -> IO[bytes]:
    """A new file that nobody else can read."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
