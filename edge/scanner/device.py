"""One scanner that hangs on a wire: found, read, lost, and found again, for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Protocol

from edge.config import ScannerConfig
from edge.domain import ScannerKind, ScannerStatus
from edge.scanner import wires
from edge.scanner.code import Heard
from edge.scanner.hid import Unreadable
from edge.scanner.hidpos import HidPos
from edge.scanner.keyboard import Keyboard
from edge.scanner.keymap import LAYOUTS
from edge.scanner.lines import Lines
from edge.scanner.station import Station
from edge.scanner.wires import DeviceLost, Machine, Stream, Wire

RETRY_S = 1.0
"""How soon a device that was plugged in is noticed; to look costs a system call."""
KEYS_PAUSE_S = 0.2
"""A silence that ends a code. Wedges type a key every 1 to 50 ms, people more slowly."""
NETWORK_PAUSE_S = 0.5
"""A lost packet comes again after 200 ms or more (RFC 6298), in the middle of a code."""
LOOKS = 2
"""A silence is looked for so often. A loop that was held up finds the end of one look and the bytes
that came meanwhile at the same time, and takes the end for true; the next look finds the bytes."""
MOST_CONNECTIONS = 16
"""Scanners behind one port. Overflow policy: *the newest is refused*."""


class Parser(Protocol):
    """Bytes to codes, however they are cut into pieces; a generator must be read to its end."""

    def feed(self, data: bytes) -> Iterator[Heard]: ...
    def pause(self) -> Iterator[Heard]: ...


async def keep_reading(config: ScannerConfig, machine: Machine, station: Station) -> None:
    """Read a scanner whenever it is there. Never ends by itself."""
    while True:
        try:
            if config.source.startswith("listen:"):
                await _listen(config, station)
            else:
                async with _opened(config, machine) as (wire, parser):
                    station.become(ScannerStatus.READY)
                    await _read(wire, parser, station, _pause_s(config))
        except DeviceLost as trouble:
            station.become(ScannerStatus.OFFLINE, str(trouble))
        await asyncio.sleep(RETRY_S)


@asynccontextmanager
async def _opened(config: ScannerConfig, machine: Machine) -> AsyncIterator[tuple[Wire, Parser]]:
    match config.kind:
        case ScannerKind.KEYBOARD:
            async with wires.keyboard(config, machine) as wire:
                yield wire, Keyboard(LAYOUTS[config.layout])
        case ScannerKind.HID_POS:
            async with wires.hidpos(config, machine) as (wire, descriptor):
                yield wire, _hidpos(descriptor)
        case ScannerKind.SERIAL:
            async with wires.serial_port(config) as wire:
                yield wire, Lines()
        case ScannerKind.TCP:
            async with wires.connection(config) as wire:
                yield wire, Lines()
        case ScannerKind.CAMERA:
            raise ValueError("a camera is read by the scanner process")


def _hidpos(descriptor: bytes) -> HidPos:
    try:
        return HidPos(descriptor)
    except Unreadable as error:
        raise DeviceLost("is no HID POS scanner; set the scanner to HID POS mode") from error


def _pause_s(config: ScannerConfig) -> float:
    return NETWORK_PAUSE_S if config.kind is ScannerKind.TCP else KEYS_PAUSE_S


async def _read(wire: Wire, parser: Parser, station: Station, pause_s: float) -> None:
    """Scans to the station until the wire ends, which raises ``DeviceLost``."""
    in_code, silent = False, 0
    while True:
        try:
            async with asyncio.timeout(pause_s / LOOKS if in_code else None):
                data = await wire.read()
        except TimeoutError:
            silent += 1
            if silent < LOOKS:
                continue
            heard, in_code = parser.pause(), False
        else:
            heard, in_code = parser.feed(data), True
        silent = 0
        for code in heard:
            station.hear(code)


async def _listen(config: ScannerConfig, station: Station) -> None:
    """Let scanners connect to us. Raises ``DeviceLost`` where the port cannot be had."""
    host, port = config.address
    connected: set[asyncio.StreamWriter] = set()

    def tell() -> None:
        if connected:
            station.become(ScannerStatus.READY)
        else:
            station.become(
                ScannerStatus.CONNECTING, f"waiting for the scanner to connect to port {port}"
            )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(connected) >= MOST_CONNECTIONS:
            writer.close()
            return
        connected.add(writer)
        tell()
        try:
            wires.notice_silence(writer)
            await _read(Stream(reader), Lines(), station, NETWORK_PAUSE_S)
        except DeviceLost:
            pass  # scanners that connect for each code do this all day
        finally:
            connected.discard(writer)
            writer.close()
            tell()

    try:
        server = await asyncio.start_server(serve, host, port)
    except OSError as error:
        raise DeviceLost(f"port {port} is taken, or the address is not this machine's") from error
    try:
        tell()
        await asyncio.get_running_loop().create_future()
    finally:
        server.close()
        for writer in connected:
            writer.close()
