"""Every scanner of the shop, whatever it hangs on, as one source of scans.

Devices are read here, in the loop; pictures are decoded in a process of its own, so that a
decoder that crashes takes no phone down with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from edge.child.keeping import keep_running, tell_of_failure
from edge.child.life import Child
from edge.config import ScannerConfig
from edge.domain import CameraStatus, PhotoFault, Scan, ScannerKind, ScannerState, ScannerStatus
from edge.errors import ScannerUnavailable
from edge.scanner.code import Code
from edge.scanner.device import keep_reading
from edge.scanner.link import (
    SCANNER,
    Cameras,
    Found,
    FromScanner,
    PictureRead,
    ReadPicture,
    Start,
)
from edge.scanner.station import Station
from edge.scanner.wires import Machine
from edge.tasks import end

READ_S = 10.0
_STATUS = {
    CameraStatus.LIVE: ScannerStatus.READY,
    CameraStatus.CONNECTING: ScannerStatus.CONNECTING,
    CameraStatus.STALLED: ScannerStatus.OFFLINE,
    CameraStatus.OFFLINE: ScannerStatus.OFFLINE,
    CameraStatus.FINISHED: ScannerStatus.OFFLINE,
}


class Scanners:
    """All scanners; ``async with`` keeps them read and their process running.

    ``on_scan`` is awaited, one scan of a scanner at a time. ``on_states`` is told all states
    whenever a status or its detail changed.
    """

    def __init__(
        self,
        scanners: Sequence[ScannerConfig],
        *,
        budget_s: float,
        clock: Callable[[], datetime],
        on_scan: Callable[[Scan], Awaitable[None]],
        on_states: Callable[[tuple[ScannerState, ...]], None],
        machine: Machine | None = None,
    ) -> None:
        self.restarts = 0
        self.load: Cameras | None = None
        self._scanners = scanners
        self._machine = machine or Machine()
        self._on_states = on_states
        self._stations = {
            scanner.id: Station(
                scanner.id, scanner.kind, clock=clock, on_scan=on_scan, on_change=self._tell
            )
            for scanner in scanners
        }
        self._start = Start(
            cameras=[scanner.camera for scanner in scanners if scanner.kind is ScannerKind.CAMERA],
            budget_s=budget_s,
        )
        self._child: Child[FromScanner] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def states(self) -> tuple[ScannerState, ...]:
        """Every scanner as it is now, in the order of the configuration."""
        return tuple(station.state for station in self._stations.values())

    @property
    def scans_waiting(self) -> int:
        """Scans that the flows have not taken yet."""
        return sum(station.scans_waiting for station in self._stations.values())

    async def __aenter__(self) -> Self:
        parts = [("process", keep_running(SCANNER, self._start, self._live))]
        for scanner in self._scanners:
            station = self._stations[scanner.id]
            parts.append((f"{scanner.id} scans", station.deliver()))
            if scanner.kind is not ScannerKind.CAMERA:
                parts.append((scanner.id, keep_reading(scanner, self._machine, station)))
        self._tasks = [asyncio.create_task(part, name=f"scanner {name}") for name, part in parts]
        for task in self._tasks:
            task.add_done_callback(tell_of_failure)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await end(*self._tasks)

    async def read(self, picture: bytes) -> tuple[Code, ...] | PhotoFault:
        """The codes of an encoded picture, or why it is none.

        Raises ``ScannerUnavailable`` when the process is starting, or was lost over it.
        """
        if self._child is None:
            raise ScannerUnavailable("scanning is starting; try again in a few seconds")
        answer = await self._child.ask(
            lambda number: ReadPicture(request_id=number, picture=picture), READ_S
        )
        if not isinstance(answer, PictureRead):
            raise TypeError(f"scanning answered {type(answer).__name__} to a picture")
        return answer.fault or tuple(answer.codes)

    async def _live(self, child: Child[FromScanner]) -> None:
        """Share one process's life; its cameras are dark between two of them."""
        try:
            async for message in child.messages():
                self._child = child
                self._take(message)
        finally:
            self._child, self.load = None, None
        self.restarts += 1
        for camera in self._start.cameras:
            self._stations[camera.id].become(
                ScannerStatus.OFFLINE, "the program that reads codes ended; it is starting again"
            )

    def _take(self, message: FromScanner) -> None:
        match message:
            case Found(camera_id=camera_id, code=code):
                self._stations[camera_id].hear(code)
            case Cameras(states=states):
                self.load = message
                for state in states:
                    self._stations[state.camera_id].become(_STATUS[state.status], state.detail)

    def _tell(self) -> None:
        self._on_states(self.states)
