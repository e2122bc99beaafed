"""Work at headquarters that holds the loop it runs on, as the command line's may."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg


async def apart(dsn: str, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
    """Work on a database whose files are on the disk before it goes on, however long that takes."""

    async def connected() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await work(connection)
        finally:
            await connection.close()

    await asyncio.to_thread(asyncio.run, connected())
