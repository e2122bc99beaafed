"""How long faces may still be matched here without word from headquarters (rules.matching_lease).

The last hearing is durable, so that neither a restart nor a backup put back makes the lease
longer. Time is counted by the clock and by what passed while the gateway ran, and the longer of
the two holds: setting the clock back wins nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from edge.domain import Hearing
from edge.rules import matching_lease as rules
from edge.store import Store

WRITE_EVERY = timedelta(minutes=1)
"""A crash forgets a hearing of the last minute at most, and the lease ends so much earlier."""


class MatchingLease:
    """Asked before each face. ``applies`` is False where no headquarters is configured."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        applies: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._applies = applies
        self._monotonic = monotonic
        self._hearing: Hearing | None = None
        self._held_since_s = 0.0
        self._written: Hearing | None = None

    async def load(self) -> None:
        """Take up what was heard before the start; until then faces rest."""
        if self._applies:
            self._hearing = self._written = await self._store.read(lambda r: r.exchange.hearing())
            self._held_since_s = self._monotonic()

    @property
    def hearing(self) -> Hearing | None:
        """The last hearing, with all the time that has certainly passed since."""
        if self._hearing is None:
            return None
        passed = timedelta(seconds=self._monotonic() - self._held_since_s)
        return Hearing(heard_at=self._hearing.heard_at, spent=self._hearing.spent + passed)

    @property
    def rests(self) -> bool:
        """Whether no face may be matched now."""
        return self._applies and rules.rests(self.hearing, self._clock())

    @property
    def ends_at(self) -> datetime | None:
        """When faces rest unless headquarters is heard before; None where no lease applies, or
        where it has ended."""
        now = self._clock()
        left = rules.ends_in(self.hearing, now)
        return now + left if self._applies and left else None

    async def heard(self) -> None:
        """The withdrawals were heard to their end just now."""
        self._hearing, self._held_since_s = Hearing(heard_at=self._clock()), self._monotonic()
        written = self._written
        if written is None or abs(self._hearing.heard_at - written.heard_at) >= WRITE_EVERY:
            await self._write(self._hearing)

    async def spend(self) -> None:
        """Write down the time that has passed, now and then. A chore of the gateway."""
        held = self.hearing
        if held is not None and held.spent >= WRITE_EVERY and self._is_news(held):
            await self._write(held)

    def _is_news(self, held: Hearing) -> bool:
        written = self._written
        return (
            written is None
            or written.heard_at != held.heard_at
            or held.spent - written.spent >= WRITE_EVERY
        )

    async def _write(self, hearing: Hearing) -> None:
        await self._store.write(lambda tx: tx.exchange.keep_hearing(hearing))
        self._written = hearing
