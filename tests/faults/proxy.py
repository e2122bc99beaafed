"""A TCP line that tests cut, silence, slow down, and on which requests arrive long after.

Inside TLS nothing can be told apart, so a fault is about connections: reset, gone without a word,
slow; and about the answers to what is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK = 2**16


class Network:
    """The way between stores and headquarters."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.silent = False
        """Connections are taken, and nothing is heard of them again: no FIN, no RST."""
        self.slow_s = 0.0
        """How long each piece takes, either way."""
        self.deaf = False
        """What stores say arrives, and no answer comes back."""
        self._to = port
        self._ends: set[asyncio.StreamWriter] = set()
        self._near: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Reset every connection, on both sides."""
        for end in set(self._ends):
            end.transport.abort()

    def hang_up(self) -> None:
        """Reset the stores' side alone: what they have said goes on its way."""
        for end in set(self._near):
            end.transport.abort()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._near.add(writer)
        self._ends.add(writer)
        try:
            with suppress(OSError, asyncio.CancelledError):
                there, back = await asyncio.open_connection("127.0.0.1", self._to)
                self._ends.add(back)
                await self._both(reader, writer, there, back)
        finally:
            writer.transport.abort()
            self._ends.discard(writer)
            self._near.discard(writer)
            self._tasks.discard(task)

    async def _both(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        there: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        up = asyncio.create_task(self._hand(reader, back, answers=False))
        down = asyncio.create_task(self._hand(there, writer, answers=True))
        try:
            await down  # what a store said before it was gone is still answered, to nobody
        finally:
            back.transport.abort()
            self._ends.discard(back)
            for each in (up, down):
                each.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _hand(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        while data := await reader.read(CHUNK):
            if self.slow_s:
                await asyncio.sleep(self.slow_s)
            if self.silent or (answers and self.deaf):
                continue
            with suppress(ConnectionError):
                writer.write(data)
                await writer.drain()

    async def close(self) -> None:
        for task in set(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def open_network(port: int) -> AsyncIterator[Network]:
    network = Network(port)
    server = await asyncio.start_server(network.take, "127.0.0.1", 0)
    network.port = server.sockets[0].getsockname()[1]
    try:
        yield network
    finally:
        server.close()
        await network.close()
