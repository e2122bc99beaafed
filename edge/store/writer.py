"""The one writer: stories that are in line together are made durable together.

A sync of the disk takes longer than most stories. So the first story begins a transaction and
puts its commit behind all that are in line by then; each is a part of that transaction, kept
or undone by itself, and is answered only after the commit. One phone alone waits for no one;
under load a commit carries many.

A story that raises is undone alone and answered at once. Where the commit fails, or the disk
ends the transaction in between, every story of it is answered with ``StoreUnavailable`` and
nothing of any is left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime
from typing import TypeVar

from edge.store.audit import WritableAudit
from edge.store.connection import Connection
from edge.store.keyring import Keyring
from edge.store.transaction import Transaction
from edge.store.workers import Workers

T = TypeVar("T")


class _Commit:
    """A transaction that is open, and whoever waits for its end."""

    def __init__(self) -> None:
        self.done: Future[None] = Future()
        self.audit: WritableAudit | None = None


class Writer:
    """Runs stories in turn on the one connection that writes."""

    def __init__(self, workers: Workers, keyring: Keyring, clock: Callable[[], datetime]) -> None:
        self._workers = workers
        self._keyring = keyring
        self._clock = clock
        self._open: _Commit | None = None  # touched by the writer's thread alone

    @property
    def in_line(self) -> int:
        """Stories that wait or run."""
        return self._workers.in_line

    async def write(self, story: Callable[[Transaction], T]) -> T:
        """Run a story; returns once it is durable. Raises what it raises."""
        result, commit = await self._workers.run(lambda connection: self._tell(connection, story))
        # Whoever gives up waiting leaves the others' commit alone.
        await asyncio.shield(asyncio.wrap_future(commit.done))
        return result

    async def run(self, job: Callable[[Connection], T]) -> T:
        """Run a job that has transactions of its own."""

        def undisturbed(connection: Connection) -> T:
            if self._open is not None:
                self._end(connection, self._open)
            return job(connection)

        return await self._workers.run(undisturbed)

    async def close(self) -> None:
        await self._workers.close()

    def _tell(self, connection: Connection, story: Callable[[Transaction], T]) -> tuple[T, _Commit]:
        commit = self._open or self._begin(connection)
        transaction = Transaction(connection, self._keyring, self._clock)
        with connection.part():
            result = story(transaction)
        if transaction.audit.grew:
            commit.audit = transaction.audit
        return result, commit

    def _begin(self, connection: Connection) -> _Commit:
        connection.begin("IMMEDIATE")
        commit = self._open = _Commit()
        self._workers.follow(lambda connection: self._end(connection, commit))
        return commit

    def _end(self, connection: Connection, commit: _Commit) -> None:
        """Commit, unless a job that wanted the connection alone has done so already."""
        if self._open is not commit:
            return
        self._open = None
        try:
            connection.commit()
        except BaseException as error:  # whatever it was, all who wait for this commit hear it
            commit.done.set_exception(error)
            raise
        if commit.audit is not None:
            commit.audit.anchor()
        commit.done.set_result(None)
