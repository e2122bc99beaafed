"""The rounds as one instance makes them: its sources, on connections of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hq import authority, database
from hq.footfall.https import HttpsSource
from hq.footfall.rounds import AT_ONCE, Rounds
from hq.footfall.source import Source
from hq.footfall.through_nats import NatsSource
from hq.nats import Door


@asynccontextmanager
async def pulling(dsn: str, folder: Path, door: Door | None = None) -> AsyncIterator[None]:
    """Pull from the stores for as long as the context lasts, through NATS where ``door`` is."""
    context = authority.client_context(folder)
    async with database.opened(dsn, AT_ONCE // 2) as pool, HttpsSource(context) as https:
        sources: dict[str, Source] = {"https": https}
        if door is not None:
            sources["nats"] = NatsSource(door)
        async with Rounds(pool, sources):
            yield
