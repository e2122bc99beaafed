"""The line to headquarters, where one is configured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edge.config import Config
from edge.flows.changes import Changes
from edge.store import Store
from edge.sync.exchange import Exchange
from edge.sync.https import HttpsLine, client_context


@asynccontextmanager
async def headquarters(config: Config, store: Store, changes: Changes) -> AsyncIterator[None]:
    """Exchange with headquarters for as long as the context lasts.

    Raises ``ConfigError`` for credentials that cannot be used.
    """
    if config.headquarters.url is None:
        yield
        return
    folder = Path(config.headquarters.credentials)
    context = await asyncio.to_thread(client_context, folder)
    async with (
        HttpsLine(config.headquarters.url, context) as line,
        Exchange(store, changes, line, store_id=config.store.id),
    ):
        yield
