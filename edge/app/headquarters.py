"""The line to headquarters, where one is configured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from edge.config import Config
from edge.domain import Transport
from edge.feed import Feed
from edge.flows.changes import Changes
from edge.flows.headquarters import Headquarters
from edge.flows.matching_lease import MatchingLease
from edge.store import Store
from edge.sync.credentials import client_context, identity
from edge.sync.exchange import Exchange
from edge.sync.https import HttpsLine
from edge.sync.nats import NatsLine
from edge.vision.client import Vision


def line_of(
    config: Config, store: Store, feed: Feed, clock: Callable[[], datetime]
) -> Headquarters:
    """What is known of the line, and the lease of face matching that hangs on it."""
    url = config.headquarters.url
    transport = Transport(url.partition(":")[0]) if url is not None else None
    lease = MatchingLease(store, clock, applies=transport is not None)
    return Headquarters(store, feed, clock, transport=transport, lease=lease)


async def follow_line(told: Headquarters, vision: Vision | None) -> None:
    """Let faces rest or go on, and tell the phones of it. A chore of the gateway."""
    if vision is not None:
        await vision.rest(told.matching_rests)
    await told.tell()


@asynccontextmanager
async def headquarters(
    config: Config,
    store: Store,
    changes: Changes,
    told: Headquarters,
    clock: Callable[[], datetime],
) -> AsyncIterator[None]:
    """Exchange with headquarters for as long as the context lasts.

    Raises ``ConfigError`` for credentials that cannot be used.
    """
    if config.headquarters.url is None:
        yield
        return
    async with (
        await line_to(config.headquarters.url, Path(config.headquarters.credentials)) as line,
        Exchange(store, changes, line, told, clock, store_id=config.store.id),
    ):
        yield


async def line_to(url: str, folder: Path) -> HttpsLine | NatsLine:
    """The transport that the address names. Raises ``ConfigError``."""
    context = await asyncio.to_thread(client_context, folder)
    if url.startswith("https:"):
        return HttpsLine(url, context)
    return NatsLine(url, context, await asyncio.to_thread(identity, folder))
