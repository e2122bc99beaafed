"""The connections to PostgreSQL. Acknowledged means on the disk, whatever the server's default."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from hq import schema

TROUBLE = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What says that the database is away, or cannot do it now."""


@asynccontextmanager
async def opened(dsn: str, most: int) -> AsyncIterator[asyncpg.Pool]:
    """A pool of at most so many connections, on tables that are up to date."""
    settings = {"synchronous_commit": "on"}
    async with asyncpg.create_pool(
        dsn, min_size=1, max_size=most, server_settings=settings
    ) as pool:
        async with pool.acquire() as connection:
            await schema.prepare(connection)
        yield pool
