"""The door before anybody knows who knocks: handshakes in bounded number and time.

A connection that says nothing costs a stranger nothing. So only so many may be without a
certificate at a time, and when one more comes *the oldest gives way*: a store shows its
certificate within a moment, one that holds a place does not. Of those that have shown theirs,
*the newest is refused* when there are too many.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiohttp import web

HANDSHAKES = 256
HANDSHAKE_WITHIN_S = 10.0
CONNECTIONS = 4096
BACKLOG = 1024
RESTS_S = 0.2
"""While the machine has no file descriptor left."""


class Door:
    """Takes connections for an aiohttp server."""

    def __init__(self, server: web.Server, context: ssl.SSLContext) -> None:
        self._server = server
        self._context = context
        self._greeted: dict[asyncio.Task[None], None] = {}  # the oldest first

    async def take(self, listening: socket.socket) -> None:
        """Take connections until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(RESTS_S)
                continue
            if len(self._server.connections) >= CONNECTIONS:
                connection.close()
                continue
            if len(self._greeted) >= HANDSHAKES:
                oldest = next(iter(self._greeted))
                del self._greeted[oldest]
                oldest.cancel()
            greeting = asyncio.create_task(self._greet(connection), name="handshake")
            self._greeted[greeting] = None
            greeting.add_done_callback(lambda done: self._greeted.pop(done, None))

    async def _greet(self, connection: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._server,
                connection,
                ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_WITHIN_S,
            )
        except OSError:  # no certificate, none of this authority, or too slow
            connection.close()
        except asyncio.CancelledError:
            connection.close()
            raise

    async def close(self) -> None:
        greeted = list(self._greeted)
        for greeting in greeted:
            greeting.cancel()
        await asyncio.gather(*greeted, return_exceptions=True)


@asynccontextmanager
async def opened(
    server: web.Server, context: ssl.SSLContext, host: str, port: int
) -> AsyncIterator[int]:
    """Take connections for as long as the context lasts; gives the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=BACKLOG) as listening:
        listening.setblocking(False)
        door = Door(server, context)
        taking = asyncio.create_task(door.take(listening), name="door")
        try:
            yield int(listening.getsockname()[1])
        finally:
            taking.cancel()
            with suppress(asyncio.CancelledError):
                await taking
            await door.close()
