"""An instance of headquarters that pulls stores when it is told to, and what it asked of whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from component.headquarters_town import Headquarters

from edge.contract import FootfallPage
from hq import authority
from hq.footfall import Rounds, Store
from hq.footfall.https import HttpsSource


class Noted:
    """A source that notes who is asked, and how often at once."""

    def __init__(self, source: HttpsSource) -> None:
        self.source = source
        self.asked: Counter[tuple[str, int]] = Counter()
        self.at_once: Counter[str] = Counter()
        self.most = 0

    async def page(self, store: Store, after: int) -> FootfallPage:
        self.asked[store.id, after] += 1
        self.at_once[store.id] += 1
        self.most = max(self.most, self.at_once[store.id])
        try:
            return await self.source.page(store, after)
        finally:
            self.at_once[store.id] -= 1


@asynccontextmanager
async def rounds(headquarters: Headquarters) -> AsyncIterator[tuple[Rounds, Noted]]:
    """An instance whose turns the test asks for."""
    context = authority.client_context(headquarters.folder)
    async with (
        asyncpg.create_pool(headquarters.dsn, min_size=1, max_size=4) as pool,
        HttpsSource(context) as https,
    ):
        noted = Noted(https)
        yield Rounds(pool, {"https": noted}), noted
