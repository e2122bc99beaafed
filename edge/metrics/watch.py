"""Reads the gauges of the house: on a scrape, and every few seconds for the manager's page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from edge import usage
from edge.domain import CameraState, LineCounts, LineState, ScannerState, VisionLoad
from edge.errors import StoreUnavailable
from edge.feed import Feed
from edge.metrics.history import History
from edge.metrics.reading import Backlog, ProcessUse, Reading
from edge.metrics.registry import Metrics
from edge.store import Reader, Store


class VisionGauges(Protocol):
    """What vision shows of its work; ``edge.vision.client.Vision`` does."""

    @property
    def cameras(self) -> Sequence[CameraState]: ...
    @property
    def load(self) -> VisionLoad | None: ...
    @property
    def restarts(self) -> int: ...
    @property
    def threshold(self) -> float | None: ...
    @property
    def members(self) -> int | None: ...
    @property
    def sightings_dropped(self) -> int: ...
    @property
    def events_waiting(self) -> int: ...


class ScannerGauges(Protocol):
    """What the scanners show of their work; ``edge.scanner.client.Scanners`` does."""

    @property
    def states(self) -> Sequence[ScannerState]: ...
    @property
    def load(self) -> ProcessUse | None: ...
    @property
    def restarts(self) -> int: ...
    @property
    def scans_waiting(self) -> int: ...


class LineGauges(Protocol):
    """What is seen of headquarters; ``edge.flows.headquarters.Headquarters`` shows it."""

    @property
    def line(self) -> LineState | None: ...
    @property
    def counts(self) -> LineCounts: ...
    @property
    def matching_ends_at(self) -> datetime | None: ...


class Watch:
    """Takes readings; ``vision`` is None where face matching is off."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        vision: VisionGauges | None,
        scanners: ScannerGauges,
        headquarters: LineGauges,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self.history = History()
        self._store = store
        self._feed = feed
        self._vision = vision
        self._scanners = scanners
        self._headquarters = headquarters
        self._metrics = metrics
        self._clock = clock

    async def text(self) -> bytes:
        """Everything as of now, in the Prometheus text format."""
        return self._metrics.text(await self.read())

    async def sample(self) -> None:
        """Add a point to the history. To be called every ``history.EVERY_S``."""
        reading = await self.read()
        self.history.add(reading, self._metrics.take_latencies(), self._clock())

    async def read(self) -> Reading:
        """All gauges now."""
        vision = self._vision
        return Reading(
            backlog=await self._backlog(),
            line=self._headquarters.line,
            line_counts=self._headquarters.counts,
            matching_ends_at=self._headquarters.matching_ends_at,
            at_s=time.monotonic(),
            at=self._clock(),
            cameras=tuple(vision.cameras) if vision else (),
            vision=vision.load if vision else None,
            scanners=tuple(self._scanners.states),
            scanner_process=self._scanners.load,
            scanner_restarts=self._scanners.restarts,
            vision_restarts=vision.restarts if vision else 0,
            threshold=vision.threshold if vision else None,
            members=vision.members if vision else None,
            sightings_dropped=vision.sightings_dropped if vision else 0,
            decisions=self._metrics.decisions,
            queues=self._queues(),
            phones_connected=self._feed.listeners,
            cpu_s=usage.cpu_s(),
            rss_bytes=usage.rss_bytes(),
        )

    def _queues(self) -> dict[str, int]:
        lengths = {
            "store_writes": self._store.writes_in_line,
            "store_reads": self._store.reads_in_line,
            "slowest_phone": self._feed.deepest,
            "scans": self._scanners.scans_waiting,
        }
        if self._vision is not None:
            lengths["sightings"] = self._vision.events_waiting
            if (load := self._vision.load) is not None:
                lengths |= {"frames": load.frames_waiting, "requests": load.requests_waiting}
        return lengths

    async def _backlog(self) -> Backlog | None:
        now = self._clock()

        def question(reader: Reader) -> Backlog:
            held = reader.outbox.held_count()
            leases = reader.vouchers.leases_until(now)
            return Backlog(
                waiting=reader.outbox.count() - held,
                oldest_at=reader.outbox.oldest_at(),
                messages_held=held,
                changes_held=reader.exchange.held_count(),
                lease_ends_at=leases[0].expires_at if leases else None,
            )

        try:
            return await self._store.read(question)
        except StoreUnavailable:
            return None
