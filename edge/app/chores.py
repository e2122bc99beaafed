"""What the gateway does now and then, for as long as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from edge.errors import EdgeError
from edge.tasks import beside

log = structlog.get_logger()


@asynccontextmanager
async def chore(
    name: str, work: Callable[[], Awaitable[object]], every_s: float, *, first_in_s: float = 0.0
) -> AsyncIterator[None]:
    """Do a piece of housekeeping now and then; trouble is logged, and it is tried again.

    It is done for the first time after ``first_in_s``.
    """

    async def again_and_again() -> None:
        await asyncio.sleep(first_in_s)
        while True:
            try:
                await work()
            except EdgeError as error:
                log.warning("chore_failed", chore=name, code=error.code)
            await asyncio.sleep(every_s)

    async with beside(again_and_again(), name):
        yield
