"""Whose turn it is: every store in rounds, each pulled by one instance at a time.

A turn is taken by moving ``due_at`` ahead: no lock outlives the statement, another instance takes
the next store, and where one is killed in its turn the store is due again when that has run out.
Several turns run side by side, so that a slow store holds up nobody.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

import asyncpg

from edge.contract import Code
from hq.database import TROUBLE
from hq.footfall.rows import keep
from hq.footfall.source import Source, Store, StoreFailed

EVERY_S = 300.0
TURN_S = 120.0
PAGES_A_TURN = 20
AT_ONCE = 8
LOOK_AGAIN_S = 1.0
LONGEST_PAUSE_S = 3600.0


class Rounds:
    """Pulls every store that has an address, for as long as it is open.

    ``sources`` are by the scheme of an address; an instance leaves alone what it has no source
    for. ``every_s`` is how long a store rests after its turn.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        sources: Mapping[str, Source],
        *,
        every_s: float = EVERY_S,
        turn_s: float = TURN_S,
    ) -> None:
        self._pool = pool
        self._sources = sources
        self._every_s = every_s
        self._turn_s = turn_s
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._turns(), name=f"pulling {number}")
            for number in range(AT_ONCE)
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def turn(self) -> bool:
        """Pull the store that has waited longest, if one is due. One that was revoked never is."""
        taken = await self._pool.fetchrow(
            "UPDATE pulls SET due_at = now() + make_interval(secs => $2) WHERE store_id = ("
            "SELECT store_id FROM pulls WHERE due_at <= now() "
            "AND split_part(address, ':', 1) = ANY($1::text[]) "
            "AND EXISTS (SELECT FROM certificates AS held "
            "WHERE held.store_id = pulls.store_id AND revoked_at IS NULL) "
            "ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING store_id, address, cursor",
            list(self._sources),
            self._turn_s,
        )
        if taken is None:
            return False
        store = Store(id=taken["store_id"], address=taken["address"])
        try:
            more = await self._pull(store, taken["cursor"])
        except StoreFailed as failed:
            await self._failed(store, failed.code)
        else:
            await self._rest(store, 0.0 if more else self._every_s)
        return True

    async def _pull(self, store: Store, cursor: int) -> bool:
        """Take in what a store has behind the cursor; whether there is more than one turn takes."""
        source = self._sources[store.address.partition(":")[0]]
        for _ in range(PAGES_A_TURN):
            try:
                page = await source.page(store, cursor)
            except StoreFailed as failed:
                if failed.code != Code.CURSOR_AHEAD or cursor == 0:
                    raise
                await self._from_the_beginning(store, cursor)
                return True
            async with self._pool.acquire() as connection:
                if not await keep(connection, store, cursor, page):
                    return False
            cursor = page.cursor
            if page.remaining == 0:
                return False
            await self._rest(store, self._turn_s)
        return True

    async def _from_the_beginning(self, store: Store, cursor: int) -> None:
        """The store was put back from a backup: read all of it again, keeping later revisions."""
        await self._pool.execute(
            "UPDATE pulls SET cursor = 0 WHERE store_id = $1 AND cursor = $2", store.id, cursor
        )

    async def _rest(self, store: Store, seconds: float) -> None:
        await self._pool.execute(
            "UPDATE pulls SET due_at = now() + make_interval(secs => $2) WHERE store_id = $1",
            *(store.id, seconds),
        )

    async def _failed(self, store: Store, code: str) -> None:
        """Ask again after a pause that doubles, up to an hour, and is never the same for two."""
        await self._pool.execute(
            "UPDATE pulls SET failures = failures + 1, trouble = $2, due_at = now() + "
            "make_interval(secs => least($3 * power(2, least(failures, 10)), $4) * $5) "
            "WHERE store_id = $1",
            *(store.id, code, self._every_s, LONGEST_PAUSE_S, random.uniform(0.5, 1)),
        )

    async def _turns(self) -> None:
        while True:
            try:
                busy = await self.turn()
            except TROUBLE:
                busy = False  # the database is away; turns that were taken run out
            if not busy:
                await asyncio.sleep(random.uniform(LOOK_AGAIN_S, 2 * LOOK_AGAIN_S))
