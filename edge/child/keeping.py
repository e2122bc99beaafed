"""Keeps a process running: one life after another, at once after a good one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from edge.child.life import Child, Said, Trade
from edge.child.line import Message

STEADY_S = 60.0
"""A process that lived this long was well: after its end the next one starts at once."""
LONGEST_RESTART_S = 30.0

log = structlog.get_logger()


async def keep_running(
    trade: Trade[Said], start: Message, live: Callable[[Child[Said]], Awaitable[None]]
) -> None:
    """Start a process and share its life; start the next when ``live`` returns. For ever.

    Cancelled, it ends the process and waits until that is gone.
    """
    failures = 0
    while True:
        began_s = time.monotonic()
        async with Child.spawn(trade, start) as child:
            await live(child)
        failures = 1 if time.monotonic() - began_s > STEADY_S else failures + 1
        delay_s = restart_delay_s(failures)
        log.warning("process ended", process=trade.name, restart_in_s=delay_s)
        await asyncio.sleep(delay_s)


def restart_delay_s(failures: int) -> float:
    """At once after the first end of a process, then 0.5, 1, 2 … 30 s while it keeps dying."""
    return 0.0 if failures <= 1 else min(LONGEST_RESTART_S, 2.0 ** (min(failures, 10) - 3))


def tell_of_failure(task: asyncio.Task[None]) -> None:
    """Say at once what else would be raised only when the gateway ends."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a task failed", task=task.get_name(), exc_info=error)
