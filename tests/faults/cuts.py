"""Where an exchange can be cut: at the line, and around each transaction of the store.

A step is passed in the same order by the same work, so a test names it by its number and meets
every one of them, with nothing left to timing.
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from edge.contract import Acknowledgement, Feed, Page
from edge.store import Store
from edge.sync.line import Line

MIDDLE = 4
"""The statement of a transaction, counted from its beginning, that stands for its middle."""


class Cuts:
    """Counts steps and ends the process at one of them, as ``kill -9`` does."""

    def __init__(self, at: int | None, last: Path) -> None:
        self._at = at
        self._last = last
        self._passed = 0
        self._statement = 0
        self._one_at_a_time = threading.Lock()

    def step(self, name: str) -> None:
        with self._one_at_a_time:  # the line's are passed on the loop, the store's in its thread
            if self._passed == self._at:
                self._last.write_text(name)
                os.kill(os.getpid(), signal.SIGKILL)
            self._passed += 1

    def statement(self, sql: str) -> None:
        """SQLite is about to run one."""
        self._statement += 1
        if sql.startswith("BEGIN"):
            self._statement = 0
            self.step("before a transaction")
        elif sql == "COMMIT":
            self.step("before a commit")
        elif self._statement == MIDDLE:
            self.step("in a transaction")


class CutLine:
    """A line with a step on either side of each call."""

    def __init__(self, line: Line, cuts: Cuts) -> None:
        self._line = line
        self._cuts = cuts

    async def send(self, batch: bytes, *, urgent: bool) -> Acknowledgement:
        self._cuts.step("before a batch is sent")
        acknowledged = await self._line.send(batch, urgent=urgent)
        self._cuts.step("a batch is acknowledged")
        return acknowledged

    async def fetch(self, feed: Feed, after: int) -> Page:
        self._cuts.step(f"before a page of {feed}")
        page = await self._line.fetch(feed, after)
        self._cuts.step(f"a page of {feed} has come")
        return page

    async def rest(self, most_s: float) -> None:
        await self._line.rest(most_s)


def cut_store(store: Store, cuts: Cuts) -> None:
    """Let the store's one writing connection pass a step before what it does."""
    (connection,) = store._writer._workers._all
    connection.database.conn.set_trace_callback(cuts.statement)
