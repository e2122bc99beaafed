"""The way from headquarters to its database, cut at a step that the test names by its number.

Headquarters asks over a socket of ours. Each question is a step before PostgreSQL hears it, and
another when its answer has come and headquarters has not heard it: between the two lies every
statement of a transaction, its commit with them.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

CHUNK = 2**20


class Wire:
    """A proxy before PostgreSQL's socket. ``at`` names the step at which ``then`` happens once:
    it is given the process id of the backend that was asked.
    """

    def __init__(self, there: Path) -> None:
        self.at: int | None = None
        self.then: Callable[[int], Awaitable[None]] | None = None
        self.step = 0
        self.done = asyncio.Event()
        self._word: bytes | None = None
        self._there = there
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self, at: int, then: Callable[[int], Awaitable[None]]) -> None:
        """Count anew from here."""
        self.step, self.at, self.then, self._word = 0, at, then, None
        self.done.clear()

    def cut_at(self, word: str, then: Callable[[int], Awaitable[None]]) -> None:
        """Let it happen when headquarters next asks for this."""
        self._word, self.then = word.encode(), then
        self.done.clear()

    def calm(self) -> bool:
        """No cut any more; whether there was none."""
        armed, self.then = self.then is not None, None
        return armed

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            there, back = await asyncio.open_unix_connection(self._there, limit=CHUNK)
        except OSError:  # the server is away, as headquarters is to see
            writer.close()
            self._tasks.discard(task)
            return
        try:
            with suppress(asyncio.CancelledError):
                await self._both(reader, writer, there, back)
        finally:
            for end in (writer, back):
                end.transport.abort()
            self._tasks.discard(task)

    async def _both(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        backend = [0]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._hand(reader, back, backend, greeting=False))
                group.create_task(self._hand(there, writer, backend, greeting=True))
        except* (ConnectionError, EOFError):
            pass

    async def _hand(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        backend: list[int],
        *,
        greeting: bool,
    ) -> None:
        while data := await reader.read(CHUNK):
            if greeting and not backend[0]:
                backend[0] = _backend_in(data)
            else:
                await self._pass(backend[0], data)
            writer.write(data)
            await writer.drain()
        raise EOFError

    async def _pass(self, backend: int, data: bytes) -> None:
        if not backend:
            return
        here = self.step == self.at if self._word is None else self._word in data
        if self.then is not None and here:
            then, self.then = self.then, None
            # The server's end may break meanwhile, and this with it; what happens does so whole.
            happening = asyncio.create_task(self._happen(then, backend))
            self._tasks.add(happening)
            await asyncio.shield(happening)
        self.step += 1

    async def _happen(self, then: Callable[[int], Awaitable[None]], backend: int) -> None:
        await then(backend)
        self.done.set()

    async def close(self) -> None:
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _backend_in(data: bytes) -> int:
    """The process id from BackendKeyData, which comes with the greeting."""
    while len(data) >= 5:
        kind, length = data[:1], struct.unpack("!I", data[1:5])[0]
        if kind == b"K":
            return int(struct.unpack("!I", data[5:9])[0])
        data = data[1 + length :]
    return 0


@asynccontextmanager
async def open_wire(there: Path, folder: Path) -> AsyncIterator[Wire]:
    """A proxy whose socket lies in ``folder`` under the server's own name."""
    await asyncio.to_thread(folder.mkdir)
    wire = Wire(there)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / there.name))
        server = await asyncio.start_unix_server(wire.take, sock=listening, limit=CHUNK)
        try:
            yield wire
        finally:
            server.close()
            await wire.close()
