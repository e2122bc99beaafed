"""Everything that can be read off at one moment, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from edge.domain import CameraState, ScannerState, VisionLoad


class ProcessUse(Protocol):
    """What a process has taken since it started: processor seconds, and memory now."""

    @property
    def cpu_s(self) -> float: ...
    @property
    def rss_bytes(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The gateway at a moment; ``at_s`` is monotonic, counters run since the start.

    ``vision`` is None while no vision process speaks, ``threshold`` and ``members`` until its
    gallery was calibrated, ``outbox`` while the store does not answer.
    """

    at_s: float
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
    outbox: int | None
    cpu_s: float
    rss_bytes: int
