"""The line to headquarters, where one is configured."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from edge import __version__
from edge.app.chores import chore
from edge.config import Config
from edge.domain import Transport
from edge.domain.updates import Progress
from edge.errors import UpdateFailed
from edge.feed import Feed
from edge.flows.changes import Changes
from edge.flows.footfall import Footfall
from edge.flows.headquarters import Headquarters
from edge.flows.matching_lease import MatchingLease
from edge.flows.releases import tell_release
from edge.store import Store
from edge.sync.credentials import client_context, identity, server_context
from edge.sync.exchange import Exchange
from edge.sync.https import HttpsLine
from edge.sync.visits_door import serve_headquarters
from edge.update.journal import Journal
from edge.vision.client import Vision

if TYPE_CHECKING:
    from edge.sync.nats import NatsLine

RELEASE_EVERY_S = 60.0
UPDATES = Path("/var/lib/regulars-update")

log = structlog.get_logger(__name__)


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
    footfall: Footfall,
    told: Headquarters,
    clock: Callable[[], datetime],
) -> AsyncIterator[None]:
    """Exchange with headquarters, and let it pull, for as long as the context lasts.

    Raises ``ConfigError`` for credentials or an address that cannot be used.
    """
    folder = Path(config.headquarters.credentials)
    async with AsyncExitStack() as stack:
        if config.headquarters.listen is not None:
            context = await asyncio.to_thread(server_context, folder)
            door = serve_headquarters(footfall, context, config.headquarters.listen)
            log.info("headquarters_may_pull", port=await stack.enter_async_context(door))
        if config.headquarters.url is not None:
            line = await line_to(config.headquarters.url, folder, footfall)
            await stack.enter_async_context(line)
            await stack.enter_async_context(_releases_told(config, store, clock))
            await stack.enter_async_context(
                Exchange(store, changes, line, told, clock, store_id=config.store.id)
            )
        yield


def _releases_told(
    config: Config, store: Store, clock: Callable[[], datetime]
) -> AbstractAsyncContextManager[None]:
    """Headquarters hears of the release that runs, and of the last one that was tried."""

    async def tell() -> None:
        progress = await asyncio.to_thread(_progress)
        await tell_release(store, progress, __version__, clock, store_id=config.store.id)

    return chore("release", tell, RELEASE_EVERY_S)


def _progress() -> Progress:
    try:
        return Journal(UPDATES).read()
    except UpdateFailed as error:
        log.warning("updates_unknown", reason=error.message)
        return Progress()


async def line_to(url: str, folder: Path, footfall: Footfall | None = None) -> HttpsLine | NatsLine:
    """The transport that the address names; through NATS it answers when headquarters pulls.

    Raises ``ConfigError``.
    """
    context = await asyncio.to_thread(client_context, folder)
    if url.startswith("https:"):
        return HttpsLine(url, context)
    from edge.sync.nats import NatsLine  # slow to import, and most stores are on HTTPS

    return NatsLine(url, context, await asyncio.to_thread(identity, folder), footfall)
