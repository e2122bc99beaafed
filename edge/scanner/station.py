"""One scanner as the shop sees it: its state, and its scans on their way to the flows."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

import structlog

from edge.domain import Scan, ScannerKind, ScannerState, ScannerStatus, new_id
from edge.errors import EdgeError
from edge.scanner.code import Code, Heard

WAITING = 16
"""Scans of one scanner waiting for the flows. Overflow policy: *the newest is refused*, so that
whoever scans wildly holds up nobody else, and what was scanned first is answered first."""

QUIET_S = 1.0
"""A scanner's refusals are all counted, and logged this often at most: nobody fills the log."""

log = structlog.get_logger()


class Station:
    """``on_scan`` is awaited, one scan at a time; an ``EdgeError`` from it is logged."""

    def __init__(
        self,
        scanner_id: str,
        kind: ScannerKind,
        *,
        clock: Callable[[], datetime],
        on_scan: Callable[[Scan], Awaitable[None]],
        on_change: Callable[[], None],
    ) -> None:
        self.state = ScannerState(
            scanner_id=scanner_id, kind=kind, status=ScannerStatus.CONNECTING, since_at=clock()
        )
        self._clock = clock
        self._on_scan = on_scan
        self._on_change = on_change
        self._waiting: asyncio.Queue[Scan] = asyncio.Queue(WAITING)
        self._was_ready = False
        self._logged_s = -math.inf

    @property
    def scans_waiting(self) -> int:
        """Scans that the flows have not taken yet."""
        return self._waiting.qsize()

    def become(self, status: ScannerStatus, detail: str = "") -> None:
        """Say how the scanner is; told on only where that is new."""
        if (status, detail) == (self.state.status, self.state.detail):
            return
        ready = status is ScannerStatus.READY
        again = ready and self._was_ready and self.state.status is not ScannerStatus.READY
        self.state = replace(
            self.state,
            status=status,
            detail=detail,
            since_at=self._clock() if status is not self.state.status else self.state.since_at,
            reconnects=self.state.reconnects + again,
        )
        self._was_ready |= ready
        log.info(
            "scanner state", scanner_id=self.state.scanner_id, status=status.value, detail=detail
        )
        self._on_change()

    def hear(self, heard: Heard) -> None:
        """Take what the scanner gave. Never waits."""
        if not isinstance(heard, Code):
            self._refuse(heard.value)
            return
        scan = Scan(
            id=new_id(),
            device_id=self.state.scanner_id,
            symbology=heard.symbology,
            text=heard.text,
            aim_id=heard.aim_id,
            scanned_at=self._clock(),
        )
        try:
            self._waiting.put_nowait(scan)
        except asyncio.QueueFull:
            self._refuse("too_many")
        else:
            self.state = replace(self.state, scans=self.state.scans + 1)

    async def deliver(self) -> None:
        """Hand scans to the flows, in order, for ever."""
        while True:
            scan = await self._waiting.get()
            try:
                await self._on_scan(scan)
            except EdgeError as error:
                log.warning("scan not taken", scan_id=scan.id, code=error.code)

    def _refuse(self, reason: str) -> None:
        """Counted, and logged without what it said."""
        self.state = replace(self.state, refused=self.state.refused + 1)
        if time.monotonic() - self._logged_s < QUIET_S:
            return
        self._logged_s = time.monotonic()
        log.warning(
            "scan refused",
            scanner_id=self.state.scanner_id,
            reason=reason,
            refused=self.state.refused,
        )
