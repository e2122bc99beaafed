"""In-process broadcast with sequence numbers, so that a phone resumes without gap or repeat.

Publishing never waits. Each subscription has a bounded queue; a phone too slow to empty
it is cut off (policy: *disconnect the slow*), and resumes from its last sequence number.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge.domain import Event

HISTORY = 1024
QUEUE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """An event at its place in the feed."""

    sequence: int
    event: Event


class CutOff(Exception):
    """The subscriber was too slow and must resume."""


class Subscription:
    """One listener's queue. ``resync`` says that what it missed is no longer held."""

    def __init__(self, backlog: list[Numbered], *, resync: bool, start: int) -> None:
        self.resync = resync
        self.start = start
        self._queue: asyncio.Queue[Numbered | None] = asyncio.Queue(QUEUE + len(backlog) + 1)
        for numbered in backlog:
            self._queue.put_nowait(numbered)
        self._limit = QUEUE + len(backlog)

    @property
    def waiting(self) -> int:
        """Events that this listener has not taken yet."""
        return self._queue.qsize()

    async def next(self) -> Numbered:
        """The next event in order. Raises ``CutOff`` after an overflow."""
        numbered = await self._queue.get()
        if numbered is None:
            raise CutOff
        return numbered

    def offer(self, numbered: Numbered) -> bool:
        """Queue an event; False when full, after which ``next`` ends in ``CutOff``."""
        if self._queue.qsize() >= self._limit:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(None)
            return False
        self._queue.put_nowait(numbered)
        return True


class Feed:
    """Numbers events from 1 within an ``epoch`` that changes with each start."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(6)
        self.sequence = 0
        self._history: deque[Numbered] = deque(maxlen=HISTORY)
        self._subscriptions: set[Subscription] = set()

    @property
    def listeners(self) -> int:
        """How many subscriptions are open."""
        return len(self._subscriptions)

    @property
    def deepest(self) -> int:
        """Events waiting for the slowest listener."""
        return max((subscription.waiting for subscription in self._subscriptions), default=0)

    def publish(self, event: Event) -> None:
        """Give an event its number and hand it to everyone. Never waits."""
        self.sequence += 1
        numbered = Numbered(sequence=self.sequence, event=event)
        self._history.append(numbered)
        slow = [s for s in self._subscriptions if not s.offer(numbered)]
        self._subscriptions.difference_update(slow)

    @contextmanager
    def subscribe(self, epoch: str | None, after: int | None) -> Iterator[Subscription]:
        """Listen from just after ``after`` of ``epoch``; both None means from now on."""
        backlog: list[Numbered] = []
        resync = False
        if epoch is not None and after is not None:
            oldest = self._history[0].sequence if self._history else self.sequence + 1
            resync = epoch != self.epoch or after > self.sequence or after + 1 < oldest
            if not resync:
                backlog = [n for n in self._history if n.sequence > after]
        start = self.sequence - len(backlog)
        subscription = Subscription(backlog, resync=resync, start=start)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
