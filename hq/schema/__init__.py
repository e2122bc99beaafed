"""The tables of headquarters, as migrations. Each is recorded in the transaction that makes it.

A migration that was released never changes. One that is new stands at the end, under a name
that no other has.
"""

from __future__ import annotations

from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from hq.schema import books, chain, facts, first, footfall, members, pages, rollouts

Connection: TypeAlias = "asyncpg.Connection | PoolConnectionProxy"

MIGRATIONS = (
    ("0001_first", first.SQL),
    ("0002_facts", facts.SQL),
    ("0003_books", books.SQL),
    ("0004_footfall", footfall.SQL),
    ("0005_chain", chain.SQL),
    ("0006_pages", pages.SQL),
    ("0007_sales_by_day", pages.SALES_BY_DAY),
    ("0007_members", members.SQL),
    ("0008_forgotten_uses", chain.FORGOTTEN),
    ("0009_claims", books.CLAIMS),
    ("0010_rollouts", rollouts.SQL),
    ("0011_rollouts_by_store", rollouts.BY_STORE),
    ("0012_claims_refused", books.REFUSALS),
)

_LOCK = 7_201_001  # any number of our own: instances that start together migrate once


async def prepare(connection: Connection) -> None:
    """Bring the tables up to date; several instances may do so at once."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {row["name"] for row in await connection.fetch("SELECT name FROM migrations")}
        for name, sql in MIGRATIONS:
            if name not in applied:
                await connection.execute(sql)
                await connection.execute("INSERT INTO migrations (name) VALUES ($1)", name)
