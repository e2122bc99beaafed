"""Which ids stand for whom: merged members form trees, and the root is the member.

Who merges or erases holds ``alone``, who takes in a batch holds ``among``: so no message of a
member arrives between the old state and the new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from hq.schema import Connection

LOCK = 7_201_003

_ROOTS = """
WITH RECURSIVE up AS (
    SELECT id, id AS at FROM unnest($1::text[]) AS id
    UNION ALL SELECT up.id, survivor FROM up JOIN merges ON loser = up.at)
SELECT id, at FROM up WHERE NOT EXISTS (SELECT 1 FROM merges WHERE loser = up.at)"""
_BELOW = """
WITH RECURSIVE down AS (
    SELECT id FROM unnest($1::text[]) AS id
    UNION ALL SELECT loser FROM down JOIN merges ON survivor = down.id)
SELECT id FROM down ORDER BY id"""


async def alone(connection: Connection) -> None:
    """Wait until no batch is being taken in, and let none begin, to the end of the transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)


async def roots(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The member that each id stands for."""
    rows = await connection.fetch(_ROOTS, [*set(ids)])
    return {row["id"]: row["at"] for row in rows}


async def below(connection: Connection, ids: Collection[str]) -> list[str]:
    """These ids and all that were merged into them, sorted."""
    return [row["id"] for row in await connection.fetch(_BELOW, [*ids])]


async def groups(connection: Connection, ids: Collection[str]) -> dict[str, list[str]]:
    """The members that these ids stand for, each with every id that does; mostly one."""
    merged = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM merges WHERE loser = ANY($1::text[]) "
        "OR survivor = ANY($1::text[]))",
        [*ids],
    )
    if not merged:
        return {each: [each] for each in ids}
    every = await below(connection, set((await roots(connection, ids)).values()))
    found: dict[str, list[str]] = {}
    for each, head in (await roots(connection, every)).items():
        found.setdefault(head, []).append(each)
    return found


async def strange(connection: Connection, ids: Iterable[str]) -> tuple[set[str], set[str]]:
    """Those of these ids that were merged away, and those that are to be remembered no more."""
    rows = await connection.fetch(
        "SELECT loser AS id, true AS merged FROM merges WHERE loser = ANY($1::text[]) "
        "UNION ALL SELECT id, false FROM erased_members WHERE id = ANY($1::text[])",
        [*set(ids)],
    )
    merged = {row["id"] for row in rows if row["merged"]}
    return merged, {row["id"] for row in rows} - merged
