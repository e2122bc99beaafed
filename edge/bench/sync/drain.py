"""How fast a store that was cut off tells everything, by its own gateway."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from edge.bench.sync.books import Books
from edge.bench.sync.day import Day
from edge.bench.sync.grounds import Grounds, Transport
from edge.contract import Message
from edge.demo.gateway import paired_token, running
from edge.store import Store, Transaction

Report = Callable[[str, int, int], None]

LOOKS_EVERY_S = 0.02
PUT_AT_ONCE = 5000


async def drain(
    grounds: Grounds, books: Books, day: Day, transport: Transport, report: Report
) -> float:
    """Seconds from the last look at which headquarters held nothing to when it held all."""
    recipe = grounds.recipe(day.store_id, transport)
    token = await paired_token(recipe.state_dir)
    await _put(recipe.state_dir, day)
    watching = asyncio.create_task(_watch(books, day, transport, report))
    try:
        async with running(recipe, token, {}) as phone:
            seconds = await watching
            await phone.until_in_line()
    finally:
        watching.cancel()
    return seconds


async def _watch(books: Books, day: Day, transport: Transport, report: Report) -> float:
    began, reached = time.perf_counter(), 0
    while reached < day.messages:
        looked = time.perf_counter()
        reached = await books.reached(day.store_id)
        if not reached:
            began = looked
        report(f"Draining {day.messages:,} messages by {transport}", reached, day.messages)
        await asyncio.sleep(LOOKS_EVERY_S)
    return time.perf_counter() - began


async def _put(state_dir: Path, day: Day) -> None:
    def keep(messages: Iterable[Message], tx: Transaction) -> None:
        for message in messages:
            tx.outbox.put(message)

    told = day.told()
    async with Store.open(state_dir, lambda: datetime.now(UTC)) as store:
        while some := list(itertools.islice(told, PUT_AT_ONCE)):
            await store.write(lambda tx, some=some: keep(some, tx))  # type: ignore[misc]
