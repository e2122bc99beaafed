"""Threads that each own a connection and take jobs in turn, so the event loop never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import Any, TypeVar

from edge.errors import StoreUnavailable
from edge.store.connection import Connection

T = TypeVar("T")


class Workers:
    """One thread for each connection; at most ``line`` jobs wait or run.

    Overflow policy: *refuse the newest*. Whoever asks next is told at once that the store is
    too busy, which a phone shows and repeats; those already in line are served.
    """

    def __init__(self, name: str, connections: list[Connection], *, line: int) -> None:
        self._threads = ThreadPoolExecutor(len(connections), thread_name_prefix=f"store-{name}")
        self._line = line
        self._closing = False
        self._in_line: set[Future[Any]] = set()
        self._all = connections
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        for connection in connections:
            self._idle.put(connection)

    @property
    def in_line(self) -> int:
        """Jobs that wait or run. They come from one event loop and may end in any thread."""
        return len(self._in_line)

    async def run(self, job: Callable[[Connection], T]) -> T:
        """Raises ``StoreUnavailable`` when the line is full or the store is closed.

        Whoever is cancelled while waiting takes the job out of the line; a job that runs
        already runs to its end.
        """
        if self._closing:
            raise StoreUnavailable("the gateway is stopping; try again once it is back")
        if self.in_line >= self._line:
            raise StoreUnavailable("the store is too busy; try again in a moment")
        future = self._threads.submit(self._with_connection, job)
        self._in_line.add(future)
        future.add_done_callback(self._in_line.discard)
        return await asyncio.wrap_future(future)

    def follow(self, job: Callable[[Connection], object]) -> None:
        """From within a job: put another behind those in line, beyond the bound."""
        self._threads.submit(self._with_connection, job)

    async def close(self) -> None:
        """Serve those in line and what follows them, then close the connections."""
        self._closing = True
        await asyncio.to_thread(self._end, set(self._in_line))

    def _end(self, in_line: set[Future[Any]]) -> None:
        wait(in_line)
        self._threads.shutdown()
        for connection in self._all:
            connection.close()  # the last of a database brings its log to the disk

    def _with_connection(self, job: Callable[[Connection], T]) -> T:
        connection = self._idle.get()
        try:
            return job(connection)
        finally:
            self._idle.put(connection)
