"""Leases are renewed for as long as headquarters serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import asyncpg

from hq import leases
from hq.database import TROUBLE

EVERY_S = 60.0


@asynccontextmanager
async def renewal(pool: asyncpg.Pool) -> AsyncIterator[None]:
    """Renew once a minute while the context lasts. A database that is away is asked again."""

    async def forever() -> None:
        while True:
            with suppress(*TROUBLE):
                async with pool.acquire() as connection, connection.transaction():
                    await leases.renew(connection, datetime.now(UTC))
            await asyncio.sleep(EVERY_S)

    task = asyncio.create_task(forever(), name="renewal")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
