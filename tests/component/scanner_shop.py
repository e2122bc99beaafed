"""A shop full of scanners whose devices a test plugs in and pulls out, at the kernel's edge.

Keyboards and HID devices are named pipes in a folder that stands for ``/dev``, with the kernel's
descriptions in one that stands for ``/sys``; serial ports are pseudo-terminals; the network is
the loopback.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import tty
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Self

from edge.config import ScannerConfig
from edge.domain import Scan, ScannerState, ScannerStatus
from edge.scanner.client import Scanners
from edge.scanner.wires import Machine

PATIENCE_S = 60.0


@dataclass(kw_only=True)
class Shop:
    """What the gateway would be told, and the folders of the machine."""

    root: Path
    scans: list[Scan] = field(default_factory=list)
    told: list[tuple[ScannerState, ...]] = field(default_factory=list)
    grabbed: list[int] = field(default_factory=list)
    handed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        (self.root / "dev").mkdir()
        (self.root / "sys").mkdir()
        self.handed.set()

    @property
    def machine(self) -> Machine:
        return Machine(dev=self.root / "dev", sys=self.root / "sys", grab=self.grabbed.append)

    async def scanned(self, scan: Scan) -> None:
        await self.handed.wait()
        self.scans.append(scan)

    def said(self, scanner_id: str) -> list[tuple[str, str]]:
        """Text and symbology of this scanner's scans."""
        return [(s.text, s.symbology.value) for s in self.scans if s.device_id == scanner_id]

    @asynccontextmanager
    async def open(self, *scanners: ScannerConfig) -> AsyncIterator[Scanners]:
        async with Scanners(
            scanners,
            budget_s=0.05,
            clock=lambda: datetime.now(UTC),
            on_scan=self.scanned,
            on_states=self.told.append,
            machine=self.machine,
        ) as running:
            yield running


async def until(condition: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.01)


def state(scanners: Scanners, scanner_id: str) -> ScannerState:
    return next(state for state in scanners.states if state.scanner_id == scanner_id)


async def becomes(
    scanners: Scanners, scanner_id: str, status: ScannerStatus = ScannerStatus.READY
) -> ScannerState:
    await until(lambda: state(scanners, scanner_id).status is status)
    return state(scanners, scanner_id)


class Plugged(ABC):
    """Something in a socket, which is in it until it is pulled or its ``with`` ends."""

    def __init__(self, path: Path, *fds: int) -> None:
        self.path = path
        # Files, for they close once: a number closed twice may be another's the second time.
        self._files = [FileIO(fd, "r+") for fd in fds]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.pull()

    @property
    def fd(self) -> int:
        """Where a test writes what the device says."""
        return self._files[0].fileno()

    @abstractmethod
    def send(self, data: bytes) -> None:
        """Say this to whoever reads the device."""

    def pull(self) -> None:
        """Out of the socket: the path is gone, and whoever reads is told so."""
        if not self._files[0].closed:
            self.path.unlink()
            for file in self._files:
                file.close()


class Plug(Plugged):
    """A device that is a named pipe: what is written into it, the gateway reads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)
        super().__init__(path, os.open(path, os.O_RDWR | os.O_NONBLOCK))
        # Each write is read on its own, as the reports of a HID device are.
        fcntl.fcntl(self.fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_DIRECT)

    def send(self, data: bytes) -> None:
        for at in range(0, len(data), 4080):
            os.write(self.fd, data[at : at + 4080])


class SerialPlug(Plugged):
    """A serial port: a pseudo-terminal behind a link, as udev makes one."""

    def __init__(self, link: Path) -> None:
        link.parent.mkdir(parents=True, exist_ok=True)
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        link.symlink_to(os.ttyname(theirs))
        super().__init__(link, ours, theirs)

    def send(self, data: bytes) -> None:
        os.write(self.fd, data)
