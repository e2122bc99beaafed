"""The counter: the scanners of the shop, what their codes lead to, and whom they tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from edge.config import Config
from edge.domain import Scan, ScannersChanged, ScannerState
from edge.feed import Feed
from edge.flows.arrivals import Arrivals
from edge.flows.catalogue import Catalogue
from edge.flows.memory import Memory
from edge.flows.redemptions import Redemptions
from edge.flows.scans import Scans
from edge.metrics import Metrics
from edge.scanner.client import Scanners
from edge.store import Store

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What answers a code, and what reads them."""

    catalogue: Catalogue
    redemptions: Redemptions
    scans: Scans
    scanners: Scanners


def counter(
    config: Config,
    store: Store,
    feed: Feed,
    arrivals: Arrivals,
    memory: Memory,
    metrics: Metrics,
    clock: Clock,
) -> Counter:
    """Who guesses at one of them is barred from all."""
    catalogue, guesses = Catalogue(store), memory.member_codes.guesses
    redemptions = Redemptions(
        store,
        feed,
        clock,
        shop=config.store,
        vouchers=config.vouchers,
        guesses=guesses,
        member_codes=memory.member_codes,
    )
    scans = Scans(
        store,
        feed,
        clock,
        arrivals=arrivals,
        redemptions=redemptions,
        catalogue=catalogue,
        guesses=guesses,
        member_codes=memory.member_codes,
        codes=config.codes,
        shop=config.store,
        places={scanner.id: scanner.place or scanner.id for scanner in config.scanners},
    )
    return Counter(
        catalogue=catalogue,
        redemptions=redemptions,
        scans=scans,
        scanners=scanning(config, feed, scans, metrics, clock),
    )


def scanning(config: Config, feed: Feed, scans: Scans, metrics: Metrics, clock: Clock) -> Scanners:
    """Every configured scanner as one part; each scan is counted and answered."""

    async def scanned(scan: Scan) -> None:
        metrics.scanned(scan)
        await scans.heard(scan)

    def changed(states: tuple[ScannerState, ...]) -> None:
        feed.publish(ScannersChanged(states=states))

    return Scanners(
        config.scanners,
        budget_s=config.codes.budget_ms / 1000,
        clock=clock,
        on_scan=scanned,
        on_states=changed,
    )
