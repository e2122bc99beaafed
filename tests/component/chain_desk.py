"""What a person at headquarters does, and what a store could not take."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg
from component.flows_shop import Shop
from component.headquarters_town import Headquarters

from hq.schema import Connection


async def at_headquarters(
    headquarters: Headquarters, work: Callable[[Connection], Awaitable[object]]
) -> None:
    connection = await asyncpg.connect(headquarters.dsn)
    try:
        async with connection.transaction():
            await work(connection)
    finally:
        await connection.close()


async def refused(shop: Shop) -> list[str]:
    held = await shop.store.read(lambda reader: reader.exchange.refused())
    return [code for _, _, code in held]
