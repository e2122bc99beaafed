"""A line that can be cut: bytes pass from one port to another until somebody pulls it out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from edge.demo.town import HOST

PIECE = 65_536


class Cord:
    """Hands bytes through to ``to_port``; ``port`` is its own end."""

    def __init__(self, to_port: int) -> None:
        self.is_cut = False
        self.port = 0
        self._to_port = to_port
        self._open: set[asyncio.StreamWriter] = set()

    @asynccontextmanager
    async def plugged_in(self) -> AsyncIterator[Cord]:
        """Carry bytes for as long as the context lasts."""
        server = await asyncio.start_server(self._carry, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()

    def cut(self) -> None:
        """End what is connected, and let nobody connect."""
        self.is_cut = True
        for writer in self._open:
            writer.close()

    def heal(self) -> None:
        """Let bytes pass again; whoever wants to has to connect anew."""
        self.is_cut = False

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.close()
            return
        with suppress(OSError):
            there, back = await asyncio.open_connection(HOST, self._to_port)
            self._open |= {writer, back}
            try:
                if not self.is_cut:  # it may have been meanwhile
                    await asyncio.gather(_pass(reader, back), _pass(there, writer))
            finally:
                self._open -= {writer, back}
                writer.close()
                back.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
    writer.close()
