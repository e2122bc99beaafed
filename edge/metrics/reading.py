"""Everything that can be read off at one moment, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.domain import CameraState, LineCounts, LineState, ScannerState, VisionLoad


class ProcessUse(Protocol):
    """What a process has taken since it started: processor seconds, and memory now."""

    @property
    def cpu_s(self) -> float: ...
    @property
    def rss_bytes(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What is kept for headquarters: messages that may travel, and what is in quarantine.

    ``lease_ends_at`` is the end of the voucher lease that ends first.
    """

    waiting: int
    oldest_at: datetime | None
    messages_held: int
    changes_held: int
    lease_ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The gateway at a moment; ``at_s`` is monotonic, counters run since the start.

    ``vision`` is None while no vision process speaks, ``threshold`` and ``members`` until its
    gallery was calibrated, ``backlog`` while the store does not answer, ``line`` where no
    headquarters is configured, ``matching_ends_at`` where face matching needs no word from it.
    """

    at_s: float
    at: datetime
    cameras: tuple[CameraState, ...]
    vision: VisionLoad | None
    scanners: tuple[ScannerState, ...]
    scanner_process: ProcessUse | None
    scanner_restarts: int
    vision_restarts: int
    threshold: float | None
    members: int | None
    sightings_dropped: int
    decisions: Mapping[str, int]
    queues: Mapping[str, int]
    phones_connected: int
    backlog: Backlog | None
    line: LineState | None
    line_counts: LineCounts
    matching_ends_at: datetime | None
    cpu_s: float
    rss_bytes: int
