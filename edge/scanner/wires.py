"""Opens what a scanner hangs on, and reads from it as bytes come.

Whatever goes wrong is a ``DeviceLost`` in words for the people who run the shop. Opening may
block and is done beside the loop; reading never does.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import socket
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import serial

from edge.config import ScannerConfig
from edge.scanner.plugged import DEV, SYS, descriptor_of, hidraw_of

CHUNK_BYTES = 4096
CONNECT_S = 5.0
_EVIOCGRAB = 0x40044590
"""``linux/input.h``: from here on the keys reach nobody else, no console and no desktop."""


class DeviceLost(Exception):
    """A device is not there, may not be opened, or went away; the message is for people."""


class Wire(Protocol):
    """Something that bytes come from."""

    async def read(self) -> bytes:
        """The next bytes, at least one. Raises ``DeviceLost`` when there will be none."""


def _grab(fd: int) -> None:
    fcntl.ioctl(fd, _EVIOCGRAB, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where this machine shows its devices, and how a keyboard is taken for us alone."""

    dev: Path = DEV
    sys: Path = SYS
    grab: Callable[[int], None] = _grab


class Descriptor:
    """A file descriptor of a device, in the loop."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    async def read(self) -> bytes:
        while True:
            # First wait, then read: an idle serial port answers a read as one that is gone does.
            await self._readable()
            try:
                data = os.read(self._fd, CHUNK_BYTES)
            except BlockingIOError:
                continue
            except OSError as error:
                raise DeviceLost("unplugged; plug it in again") from error
            if not data:
                raise DeviceLost("unplugged; plug it in again")
            return data

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._fd, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._fd)


class Stream:
    """A connection of the network."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def read(self) -> bytes:
        try:
            data = await self._reader.read(CHUNK_BYTES)
        except OSError as error:
            raise DeviceLost("the connection broke; waiting for the scanner") from error
        if not data:
            raise DeviceLost("the scanner closed the connection; waiting for it")
        # What is buffered comes without a pause: whoever sends without one must starve nobody.
        await asyncio.sleep(0)
        return data


@asynccontextmanager
async def keyboard(config: ScannerConfig, machine: Machine) -> AsyncIterator[Wire]:
    """A keyboard's events, taken away from everybody else."""
    async with _opened(Path(config.source)) as fd:
        try:
            machine.grab(fd)
        except OSError as error:
            raise DeviceLost(_in_words(error)) from error
        yield Descriptor(fd)


@asynccontextmanager
async def hidpos(config: ScannerConfig, machine: Machine) -> AsyncIterator[tuple[Wire, bytes]]:
    """A scanner's reports, and the descriptor that explains them."""
    device = await asyncio.to_thread(hidraw_of, config.source, machine.dev, machine.sys)
    if device is None:
        raise DeviceLost("not plugged in; plug it in, and set it to HID POS mode")
    async with _opened(device) as fd:
        try:
            descriptor = await asyncio.to_thread(
                lambda: descriptor_of(device.resolve().name, machine.sys)
            )
        except OSError as error:
            raise DeviceLost("is no HID device; see `regulars scanners list`") from error
        yield Descriptor(fd), descriptor


@asynccontextmanager
async def serial_port(config: ScannerConfig) -> AsyncIterator[Wire]:
    """A serial port at the scanner's speed, 8 bits, no parity."""
    try:
        port = await asyncio.to_thread(
            serial.Serial, config.source, config.baud, timeout=0, exclusive=True
        )
    except serial.SerialException as error:
        raise DeviceLost(_in_words(error)) from error
    except (OSError, ValueError) as error:
        raise DeviceLost("is no serial port; see `regulars scanners list`") from error
    with closing(port):
        yield Descriptor(port.fileno())


@asynccontextmanager
async def connection(config: ScannerConfig) -> AsyncIterator[Wire]:
    """A connection to a scanner on the network."""
    try:
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(*config.address)
    except (OSError, TimeoutError) as error:
        raise DeviceLost("does not answer; check its power, address and port") from error
    try:
        notice_silence(writer)
        yield Stream(reader)
    finally:
        writer.close()


def notice_silence(writer: asyncio.StreamWriter) -> None:
    """Have the kernel notice within 25 s that the other end lost its power."""
    connected: socket.socket = writer.get_extra_info("socket")
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        (socket.TCP_KEEPIDLE, 10), (socket.TCP_KEEPINTVL, 5), (socket.TCP_KEEPCNT, 3)
    ):  # fmt: skip
        connected.setsockopt(socket.IPPROTO_TCP, option, value)


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[int]:
    try:
        fd = await asyncio.to_thread(os.open, path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DeviceLost(_in_words(error)) from error
    try:
        if stat.S_ISREG(os.fstat(fd).st_mode) or stat.S_ISDIR(os.fstat(fd).st_mode):
            raise DeviceLost("is no device; see `regulars scanners list`")
        yield fd
    finally:
        os.close(fd)


def _in_words(error: OSError) -> str:
    return _WORDS.get(error.errno or 0, "cannot be opened; unplug it and plug it in again")


_WORDS = {
    errno.ENOENT: "not plugged in; plug it in",
    errno.ENODEV: "unplugged; plug it in again",
    errno.ENXIO: "not plugged in; plug it in",
    errno.EACCES: "may not be read; let the gateway's user read it (groups input and dialout)",
    errno.EPERM: "may not be read; let the gateway's user read it (groups input and dialout)",
    errno.EBUSY: "used by another program; stop that one",
    errno.EAGAIN: "used by another program; stop that one",
    errno.ENOTTY: "is no keyboard; see `regulars scanners list`",
}
