"""The child's end: it lives exactly as long as its line.

At the line's end, or on SIGTERM, it is gone within two seconds, so that a dead gateway leaves
no orphan behind.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

import av.logging
import cv2
import msgspec

from edge import log as logs
from edge.child.line import Message, pack, read_body

ROOM_S = 0.25
"""How soon a full queue of requests is tried again."""

Asked = TypeVar("Asked", bound=Message)
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def run(serve: Serve) -> None:
    """``python -m MODULE FD``: speak over the inherited socket until ``serve`` ends."""
    logs.configure()
    cv2.setNumThreads(1)
    # FFmpeg's own messages quote camera addresses, passwords included.
    av.logging.set_level(None)
    # Ctrl-C in a terminal reaches every process of the group; ours ends with its line.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.excepthook = _end_with
    asyncio.run(_connected(serve, socket.socket(fileno=int(sys.argv[1]))))
    # A reader may be stuck in a driver. Nothing here needs its farewell.
    os._exit(0)


async def _connected(serve: Serve, connection: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=connection)
    await serve(reader, writer)


def _end_with(thread: threading.ExceptHookArgs) -> None:
    """A reader that met what it was not written for must not leave its camera dark for ever.

    The gateway starts the process again, and the log says why.
    """
    threading.__excepthook__(thread)
    os._exit(1)


class Line:
    """The way out. What one thread says keeps its order."""

    def __init__(
        self, writer: asyncio.StreamWriter, *, unsent_bytes: int, spares: type[Message]
    ) -> None:
        """Beyond ``unsent_bytes`` waiting, messages of the kind ``spares`` are dropped."""
        self._writer = writer
        self._unsent_bytes = unsent_bytes
        self._spares = spares
        self._loop = asyncio.get_running_loop()

    def say(self, message: Message) -> None:
        """Send from any thread. Never waits."""
        self._loop.call_soon_threadsafe(self._send, message)

    async def say_last(self, message: Message) -> None:
        """Send and wait until it has left."""
        self._writer.write(pack(message))
        await self._writer.drain()

    def _send(self, message: Message) -> None:
        full = self._writer.transport.get_write_buffer_size() > self._unsent_bytes
        if not (full and isinstance(message, self._spares)):
            self._writer.write(pack(message))


async def listen(
    reader: asyncio.StreamReader,
    decoder: msgspec.msgpack.Decoder[Asked],
    ask: Callable[[Asked], bool],
) -> None:
    """Requests handed over in order, until the gateway hangs up; a full queue has it wait."""
    while True:
        try:
            body = await read_body(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        request = decoder.decode(body)
        while not ask(request):  # noqa: ASYNC110 - room is made by a thread
            await asyncio.sleep(ROOM_S)


async def until_first_ends(*parts: Coroutine[object, object, None]) -> None:
    """Run the parts, and SIGTERM beside them, until one ends, well or badly."""
    tasks = [asyncio.ensure_future(part) for part in (*parts, _terminated())]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    for task in done:
        task.result()


async def _terminated() -> None:
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    await asked.wait()
