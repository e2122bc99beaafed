"""What a page becomes in the tables: its rows and the cursor, in one transaction.

A row replaces an earlier revision of its interval and never a later one, so that a page may come
twice, or late, and changes nothing then.
"""

from __future__ import annotations

import re

import msgspec

from edge.contract import Code, FootfallPage, FootfallRow
from hq.footfall.source import Store, StoreFailed
from hq.schema import Connection

ADDRESS = re.compile(r"https://[^/\s]+|nats:")


async def put_address(connection: Connection, store_id: str, address: str) -> None:
    """Pull a store from here, at once. Raises ``ValueError`` for what is no address or store."""
    if not ADDRESS.fullmatch(address):
        raise ValueError(
            f"{address!r} is no address; it looks like https://10.8.0.7:9444, or is nats:"
        )
    if not await connection.fetchval("SELECT true FROM stores WHERE id = $1", store_id):
        raise ValueError(f"{store_id!r} is not admitted; admit it first")
    await connection.execute(
        "INSERT INTO pulls (store_id, address) VALUES ($1, $2) "
        "ON CONFLICT (store_id) DO UPDATE SET address = excluded.address, due_at = now()",
        *(store_id, address),
    )


async def keep(connection: Connection, store: Store, after: int, page: FootfallPage) -> bool:
    """Take in the page that follows ``after``. False where another instance has been faster.

    Raises ``StoreFailed`` for a page that is not this store's.
    """
    latest = _latest(store, after, page)
    async with connection.transaction():
        moved = await connection.fetchval(
            "UPDATE pulls SET cursor = $3, time_zone = $4, pulled_at = now(), failures = 0, "
            "trouble = NULL WHERE store_id = $1 AND cursor = $2 RETURNING true",
            *(store.id, after, page.cursor, page.time_zone),
        )
        if not moved:
            return False
        await connection.execute(
            "INSERT INTO footfall (store_id, zone, period, starts_at, revision, body) "
            "SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[], "
            "$6::text[]::jsonb[]) ON CONFLICT (store_id, zone, period, starts_at) DO UPDATE "
            "SET revision = excluded.revision, body = excluded.body "
            "WHERE footfall.revision < excluded.revision",
            store.id,
            [row.zone for row in latest],
            [row.period.value for row in latest],
            [row.starts_at for row in latest],
            [row.revision for row in latest],
            [msgspec.json.encode(row).decode() for row in latest],
        )
    return True


def _latest(store: Store, after: int, page: FootfallPage) -> list[FootfallRow]:
    """The rows of a page, each interval once."""
    if page.store_id != store.id or any(row.store_id != store.id for row in page.rows):
        raise StoreFailed(Code.FOREIGN_STORE, "rows of another store")
    if page.cursor < after or (page.cursor == after and (page.rows or page.remaining)):
        raise StoreFailed(Code.MALFORMED, "a cursor that does not move")
    if any("\x00" in row.zone for row in page.rows) or "\x00" in page.time_zone:
        raise StoreFailed(Code.MALFORMED, "a name with a character that no name has")
    by_revision = sorted(page.rows, key=lambda row: row.revision)
    return list({(row.zone, row.period, row.starts_at): row for row in by_revision}.values())
