"""A machine with a claim becomes a store: at the technician's word, and by itself while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path

import structlog

from edge.app.sole_use import sole_use
from edge.config import Config, load
from edge.errors import ConfigError, EdgeError
from edge.flows.admission import Admission
from edge.flows.first_run import FirstRun
from edge.flows.kept_claim import KeptClaim
from edge.sync.admission import ask
from edge.sync.batching import pause_s
from edge.sync.credentials import client_context

LOOKS_EVERY_S = 2.0

log = structlog.get_logger(__name__)


def admission(file: Path, clock: Callable[[], datetime]) -> Admission:
    """How the machine with this configuration is claimed."""

    def usable(config: Config) -> None:
        client_context(Path(config.headquarters.credentials))

    return Admission(file, ask, clock, usable=usable)


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
        await admission(file, clock).forget()
        yield
        return
    task = asyncio.create_task(_until_claimed(config, file, clock, first_run), name="claim")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _until_claimed(
    config: Config, file: Path, clock: Callable[[], datetime], first_run: FirstRun
) -> None:
    kept = KeptClaim(Path(config.store.state_dir))
    failures = 0
    while not await _claimed(file):
        try:
            if await asyncio.to_thread(kept.file) is not None:
                await _pursue(config, file, clock)
            failures = 0
        except EdgeError as error:
            log.warning("claim_not_used", code=error.code, reason=error.message)
            failures += 1
        await asyncio.sleep(max(LOOKS_EVERY_S, pause_s(failures)))
    first_run.changed.set()


async def _pursue(config: Config, file: Path, clock: Callable[[], datetime]) -> None:
    """Try once, unless somebody at the command line does at this moment."""
    with sole_use(Path(config.store.state_dir), "claim"):
        claim = await admission(file, clock).pursue()
    if claim is not None:
        log.info("claimed", store_id=claim.store.id)


async def _claimed(file: Path) -> bool:
    try:
        return (await asyncio.to_thread(load, file)).headquarters.url is not None
    except ConfigError:  # somebody is writing it by hand
        return False
