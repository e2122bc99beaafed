"""Sums of people and visits: counted, saved, summed up by day, and forgotten in time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from edge.app.chores import chore
from edge.config import Config
from edge.flows.counting import FLUSH_EVERY_S, Counting
from edge.flows.footfall import BUILD_EVERY_S, Footfall
from edge.flows.noise import Noise
from edge.store import Store

FORGET_EVERY_S = 3600.0


def footfall_of(config: Config, store: Store, clock: Callable[[], datetime]) -> Footfall:
    """The flow, with the places of cameras and scanners as its zones.

    Raises ``ConfigError`` where noise is wanted and ``opendp`` is not installed.
    """
    noise = None
    if config.footfall.privacy == "differential":
        noise = Noise(
            epsilon_per_issue=config.footfall.epsilon_per_issue,
            epsilon_per_day=config.footfall.epsilon_per_day,
        )
    places = [camera.place or camera.id for camera in config.cameras]
    places += [scanner.place or scanner.id for scanner in config.scanners]
    return Footfall(
        store,
        clock,
        shop=config.store,
        config=config.footfall,
        zones=places,
        noise=noise,
        absence_s=config.visit.absence_s,
    )


@asynccontextmanager
async def kept(counting: Counting, footfall: Footfall) -> AsyncIterator[None]:
    """Save counts and tell days for as long as the context lasts, and what was counted at last."""
    async with (
        chore("footfall retention", footfall.forget, FORGET_EVERY_S),
        chore("footfall", footfall.build, BUILD_EVERY_S),
    ):
        try:
            async with chore("counting", counting.flush, FLUSH_EVERY_S):
                yield
        finally:
            await counting.flush()
