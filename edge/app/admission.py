"""A machine with a claim becomes a store: at the technician's word, and by itself while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from edge.app.sole_use import sole_use
from edge.config import Config, load
from edge.errors import ConfigError, EdgeError
from edge.flows.admission import Admission
from edge.flows.claiming import Claiming
from edge.flows.first_run import FirstRun
from edge.store import Store
from edge.sync.admission import ask
from edge.sync.batching import pause_s
from edge.sync.credentials import client_context
from edge.tasks import beside

LOOKS_EVERY_S = 2.0

log = structlog.get_logger(__name__)


def admission(file: Path, clock: Callable[[], datetime]) -> Admission:
    """How the machine with this configuration is claimed."""

    def usable(config: Config) -> None:
        client_context(Path(config.headquarters.credentials))

    return Admission(file, ask, clock, usable=usable)


def claiming(
    config: Config, store: Store, file: Path | None, clock: Callable[[], datetime]
) -> Claiming:
    """How a gateway that runs is claimed; nobody can without a ``file`` of its own."""
    return Claiming(
        store,
        None if file is None else admission(file, clock),
        partial(sole_use, Path(config.store.state_dir), "claim"),
    )


@asynccontextmanager
async def awaiting_claim(
    config: Config, file: Path | None, clock: Callable[[], datetime], first_run: FirstRun
) -> AsyncIterator[None]:
    """While a gateway without headquarters runs, go on with a claim that is kept.

    ``first_run.changed`` is set once the machine is a store, whoever made it one.
    """
    if file is None:
        yield
        return
    if config.headquarters.url is not None:
        await first_run.settle_claim()
        yield
        return
    async with beside(_until_claimed(file, first_run), "claim"):
        yield


async def _until_claimed(file: Path, first_run: FirstRun) -> None:
    failures = 0
    while not await _claimed(file):
        try:
            claim = await first_run.claiming.pursue()
            if claim is not None:
                log.info("claimed", store_id=claim.store.id)
                continue
            failures = 0
        except EdgeError as error:
            log.warning("claim_not_used", code=error.code, reason=error.message)
            failures += 1
        if await first_run.claiming.came(within_s=max(LOOKS_EVERY_S, pause_s(failures))):
            failures = 0
    first_run.changed.set()


async def _claimed(file: Path) -> bool:
    try:
        return (await asyncio.to_thread(load, file)).headquarters.url is not None
    except ConfigError:  # somebody is writing it by hand
        return False
