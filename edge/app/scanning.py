"""The scanners of the shop, and whom they tell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from edge.config import Config
from edge.domain import Scan, ScannersChanged, ScannerState
from edge.feed import Feed
from edge.metrics import Metrics
from edge.scanner.client import Scanners


def scanning(
    config: Config, feed: Feed, metrics: Metrics, clock: Callable[[], datetime]
) -> Scanners:
    """Every configured scanner as one part; each scan is counted."""

    async def scanned(scan: Scan) -> None:
        metrics.scanned(scan)

    def changed(states: tuple[ScannerState, ...]) -> None:
        feed.publish(ScannersChanged(states=states))

    return Scanners(
        config.scanners,
        budget_s=config.codes.budget_ms / 1000,
        clock=clock,
        on_scan=scanned,
        on_states=changed,
    )
