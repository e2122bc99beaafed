"""The change feeds: each thing stands once, at the place of its last change.

So a store that asks from 0 reads a full copy and no history, and one that was cut off goes on
where it was. Positions are given out under a lock that is held to the commit: no reader can
see a later one before an earlier, and so none is ever passed over.
"""

from __future__ import annotations

import msgspec

from edge.contract import PAGE_CHANGES, Change, Code, Down, Feed, Page, encode
from hq.problems import Refused
from hq.schema import Connection

_LOCK = 7_201_002

WITHDRAWN = "withdrawn"
"""The channel on which PostgreSQL says that the feed of withdrawals grew."""


async def append(
    connection: Connection,
    feed: Feed,
    changes: list[tuple[str, Down]],
    *,
    store_id: str | None = None,
) -> None:
    """Put changes, each under its subject, at the end; for one store, or for all.

    To be called last in a transaction: until its end no one else appends.
    """
    if not changes:
        return
    latest = dict(changes)
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    await connection.execute(
        "INSERT INTO feed (feed, subject, store_id, position, body) "
        "SELECT $1, subject, $2, nextval('feed_position'), body "
        "FROM unnest($3::text[], $4::text[]) AS told (subject, body) "
        "ON CONFLICT (feed, subject) DO UPDATE "
        "SET position = excluded.position, body = excluded.body, store_id = excluded.store_id",
        *(feed, store_id, list(latest), [encode(change).decode() for change in latest.values()]),
    )
    if feed == "withdrawals":
        await connection.execute(f"NOTIFY {WITHDRAWN}")


async def page(connection: Connection, feed: Feed, store_id: str, after: int) -> Page:
    """What follows ``after``. Raises ``Refused`` for a cursor that was never given out."""
    last = await connection.fetchval(
        "SELECT coalesce(max(position), 0) FROM feed WHERE feed = $1", feed
    )
    if after > last:
        raise Refused(409, Code.CURSOR_AHEAD, f"the feed ends at {last}")
    rows = await connection.fetch(
        "SELECT position, body FROM feed WHERE feed = $1 AND position > $2 "
        "AND (store_id IS NULL OR store_id = $3) ORDER BY position LIMIT $4",
        *(feed, after, store_id, PAGE_CHANGES),
    )
    cursor = rows[-1]["position"] if rows else after
    remaining = 0
    if len(rows) == PAGE_CHANGES:
        remaining = await connection.fetchval(
            "SELECT count(*) FROM feed WHERE feed = $1 AND position > $2", feed, cursor
        )
    changes = [
        Change(position=row["position"], message=msgspec.Raw(row["body"].encode())) for row in rows
    ]
    return Page(changes=changes, cursor=cursor, remaining=remaining)
