"""One life of a process, as its parent sees it: the line, requests, and the end."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from edge.child.line import Message, Reply, pack, read_body
from edge.errors import EdgeError

START_S = 30.0
"""Longest wait for a process's first word: a slow machine reads its libraries from disk."""
SILENCE_S = 10.0
"""A process silent for this long hangs: it reports its cameras every second."""
GOODBYE_S = 2.0
"""How long a process may take to end once its line is closed."""

Said = TypeVar("Said", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade(Generic[Said]):
    """What a process is: the module to run, what it may say, and the error while it cannot."""

    name: str
    module: str
    decoder: msgspec.msgpack.Decoder[Said]
    unavailable: type[EdgeError]


class Child(Generic[Said]):
    """A running process. ``messages`` must be read for ``ask`` to get its answers."""

    def __init__(
        self,
        trade: Trade[Said],
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._trade = trade
        self._process = process
        self._reader = reader
        self._writer = writer
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Reply]] = {}

    @classmethod
    @asynccontextmanager
    async def spawn(cls, trade: Trade[Said], start: Message) -> AsyncIterator[Child[Said]]:
        """A fresh process that has been told to start; it is gone when the block ends."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", trade.module, str(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL, pass_fds=[theirs.fileno()],
            )  # fmt: skip
        reader, writer = await asyncio.open_connection(sock=ours)
        child = cls(trade, process, reader, writer)
        try:
            writer.write(pack(start))
            yield child
        finally:
            child._fail_pending()
            writer.close()
            await child._end()

    async def messages(self) -> AsyncIterator[Said]:
        """What the process says, answers apart, until it ends or falls silent."""
        patience_s = START_S
        while True:
            try:
                async with asyncio.timeout(patience_s):
                    body = await read_body(self._reader)
            except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
                self._fail_pending()
                return
            patience_s = SILENCE_S
            message = self._trade.decoder.decode(body)
            if isinstance(message, Reply):
                self._settle(message)
            else:
                yield message

    async def ask(self, request: Callable[[int], Message], timeout_s: float) -> Reply:
        """Send a request under a new number and wait for its answer.

        Raises the trade's error when the process ends, or does not answer in time.
        """
        number = next(self._numbers)
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        try:
            self._writer.write(pack(request(number)))
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            raise self._unavailable("did not answer in time; try again") from None
        finally:
            del self._pending[number]

    def kill(self) -> None:
        """End it at once; ``messages`` ends with it."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def _settle(self, answer: Reply) -> None:
        future = self._pending.get(answer.request_id)
        if future is not None and not future.done():
            future.set_result(answer)

    def _fail_pending(self) -> None:
        for future in self._pending.values():
            if not future.done():
                future.set_exception(
                    self._unavailable("was lost and is being restarted; try again")
                )

    def _unavailable(self, what: str) -> EdgeError:
        return self._trade.unavailable(f"{self._trade.name} {what}")

    async def _end(self) -> None:
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
