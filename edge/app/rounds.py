"""The doctor's rounds: what it finds, for phones, however many ask and however often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from edge.app.checkup import check_up
from edge.config import Config
from edge.rules.checkup import CheckUp, Finding

FRESH = timedelta(minutes=1)
"""A look reads the whole database and asks the place of the copies."""


class Rounds:
    """Looks when somebody asks, one look at a time and at most one a minute. Made by ``rounds``."""

    def __init__(
        self, look: Callable[[], Sequence[Finding]], clock: Callable[[], datetime]
    ) -> None:
        self._look = look
        self._clock = clock
        self._last: asyncio.Task[CheckUp] | None = None
        self._begun_at = clock()

    async def last(self) -> CheckUp:
        """What was found within the last minute, or is found now. Whoever asks may go meanwhile."""
        now = self._clock()
        if self._last is None or (self._last.done() and now - self._begun_at >= FRESH):
            self._begun_at = now
            self._last = asyncio.create_task(self._go(now), name="rounds")
        return await asyncio.shield(self._last)

    async def _go(self, now: datetime) -> CheckUp:
        return CheckUp(checked_at=now, findings=tuple(await asyncio.to_thread(self._look)))

    async def end(self) -> None:
        """Wait for a look that goes on."""
        if self._last is not None:
            await asyncio.wait({self._last})


@asynccontextmanager
async def rounds(
    config: Config, file: Path | None, loopback_port: int, clock: Callable[[], datetime]
) -> AsyncIterator[Rounds]:
    """The rounds of a gateway whose door to this machine is at ``loopback_port``."""
    there = replace(config, api=replace(config.api, loopback_port=loopback_port))
    doctor = Rounds(partial(check_up, there, file), clock)
    try:
        yield doctor
    finally:
        await doctor.end()
