"""What turns with the clock, for as long as headquarters serves: leases are renewed, and a release
goes on to its next wave once the rest between two is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import asyncpg

from hq import leases
from hq.database import TROUBLE
from hq.releases import rollouts

EVERY_S = 60.0


@asynccontextmanager
async def renewal(pool: asyncpg.Pool) -> AsyncIterator[None]:
    """Look once a minute while the context lasts. A database that is away is asked again."""

    async def forever() -> None:
        while True:
            for work in (leases.renew, rollouts.go_on):
                with suppress(*TROUBLE):
                    async with pool.acquire() as connection, connection.transaction():
                        await work(connection, datetime.now(UTC))
            await asyncio.sleep(EVERY_S)

    task = asyncio.create_task(forever(), name="renewal")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
