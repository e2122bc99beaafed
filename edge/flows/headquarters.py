"""The line to headquarters as the exchange tells it, for whoever wants to see how it is.

The exchange says what happens on the line; phones and metrics read it here. What waits and what
is in quarantine is asked of the store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from edge.contract import Feed as FeedName
from edge.domain import (
    HeldChange,
    HeldMessage,
    Lease,
    LineChanged,
    LineCounts,
    LineState,
    Session,
    Transport,
)
from edge.feed import Feed
from edge.flows.matching_lease import WRITE_EVERY, MatchingLease
from edge.rules.line import status
from edge.store import Reader, Store, Transaction

HELD_SHOWN = 50
"""Of what is in quarantine, as many as a person may look through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseInUse:
    """A lease of vouchers, with its campaign's name and the uses that were taken of it."""

    lease: Lease
    campaign: str
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything a manager may want to know of the line. ``line`` is None where there is none.

    ``waiting`` counts messages that may travel, the oldest from ``oldest_at``; at most
    ``HELD_SHOWN`` of the ``messages_held`` and ``changes_held`` are listed.
    """

    line: LineState | None
    waiting: int
    oldest_at: datetime | None
    messages_held: int
    changes_held: int
    messages: tuple[HeldMessage, ...]
    changes: tuple[HeldChange, ...]
    leases: tuple[LeaseInUse, ...]
    matching_ends_at: datetime | None
    matching_rests: bool


class Headquarters:
    """One for each gateway; ``transport`` is None where no headquarters is configured.

    ``lease`` is that of face matching, which ends when headquarters is not heard.
    """

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        transport: Transport | None,
        lease: MatchingLease,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._transport = transport
        self.lease = lease
        self._heard_at: datetime | None = None
        self._in_line_at: datetime | None = None
        self._trouble: str | None = None
        self._trouble_since_at: datetime | None = None
        self._remaining: dict[FeedName, int] = {}
        self._remaining_of: dict[FeedName, int] = {}
        self._rounds: Counter[str] = Counter()
        self._messages_sent = self._bytes_sent = 0
        self._known_at: datetime | None = None
        self._told: LineChanged | None = None

    async def load(self) -> None:
        """Take up what was known before the start."""
        await self.lease.load()
        self._known_at = await self._store.read(lambda reader: reader.exchange.in_line_at())

    # --- told by the exchange ------------------------------------------------------------

    def sent(self, messages: int, size_bytes: int) -> None:
        """Headquarters holds so many more messages durably."""
        self._heard_at = self._clock()
        self._messages_sent += messages
        self._bytes_sent += size_bytes

    async def pulled(self, feed: FeedName, remaining: int) -> None:
        """A page of a feed was taken in, and so many changes are still to come."""
        self._heard_at = self._clock()
        most = max(remaining, self._remaining_of.get(feed, 0))
        self._remaining[feed], self._remaining_of[feed] = remaining, most if remaining else 0
        if feed == "withdrawals" and not remaining:
            await self.lease.heard()

    async def came_in_line(self) -> None:
        """A round ended: both sides have told each other everything."""
        self._rounds["in_line"] += 1
        self._trouble = self._trouble_since_at = None
        self._in_line_at = now = self._clock()
        if self._known_at is None or abs(now - self._known_at) >= WRITE_EVERY:
            await self._store.write(lambda tx: tx.exchange.keep_in_line(now))
            self._known_at = now

    def lost(self, code: str) -> None:
        """A round failed with a code of the contract or of ours."""
        self._rounds[code] += 1
        self._trouble = code
        self._trouble_since_at = self._trouble_since_at or self._clock()

    # --- for phones and metrics ----------------------------------------------------------

    @property
    def line(self) -> LineState | None:
        """How the line is now; None where no headquarters is configured."""
        if self._transport is None:
            return None
        remaining = sum(self._remaining.values())
        return LineState(
            transport=self._transport,
            status=status(
                in_line_at=self._in_line_at,
                trouble_since_at=self._trouble_since_at,
                remaining=remaining,
                now=self._clock(),
            ),
            heard_at=self._heard_at,
            in_line_at=self._in_line_at or self._known_at,
            trouble=self._trouble,
            trouble_since_at=self._trouble_since_at,
            remaining=remaining,
            remaining_of=sum(self._remaining_of.values()),
        )

    @property
    def counts(self) -> LineCounts:
        """What went over the line since the start."""
        return LineCounts(
            rounds=dict(self._rounds),
            messages_sent=self._messages_sent,
            bytes_sent=self._bytes_sent,
        )

    @property
    def matching_rests(self) -> bool:
        """Whether no face is matched, because headquarters was not heard for too long."""
        return self.lease.rests

    @property
    def matching_ends_at(self) -> datetime | None:
        """When face matching rests unless headquarters is heard before."""
        return self.lease.ends_at

    async def tell(self) -> None:
        """Tell the phones when the line or the lease has changed. A chore of the gateway."""
        await self.lease.spend()
        line = self.line
        if line is None:
            return
        now = LineChanged(line=line, matching_rests=self.matching_rests)
        if self._told is None or _seen(now) != _seen(self._told):
            self._told = now
            self._feed.publish(now)

    async def overview(self) -> Overview:
        """All of it at one moment."""
        now = self._clock()

        def question(reader: Reader) -> Overview:
            held = reader.outbox.held_count()
            return Overview(
                line=self.line,
                waiting=reader.outbox.count() - held,
                oldest_at=reader.outbox.oldest_at(),
                messages_held=held,
                changes_held=reader.exchange.held_count(),
                messages=tuple(reader.outbox.held(HELD_SHOWN)),
                changes=tuple(reader.exchange.held(HELD_SHOWN)),
                leases=tuple(_in_use(reader, one) for one in reader.vouchers.leases_until(now)),
                matching_ends_at=self.matching_ends_at,
                matching_rests=self.matching_rests,
            )

        return await self._store.read(question)

    async def try_again(self, manager: Session) -> tuple[int, int]:
        """Offer headquarters once more what it did not take, and read again what this store could
        not; returns how many messages and changes are tried.
        """

        def story(tx: Transaction) -> tuple[int, int]:
            messages, changes = tx.outbox.release(), tx.exchange.read_again()
            tx.audit.append(
                actor=manager.guide_name,
                action="quarantine_tried_again",
                subject=manager.id,
                reason=f"{messages} messages, {changes} changes",
            )
            return messages, changes

        return await self._store.write(story)


def _seen(told: LineChanged) -> tuple[object, ...]:
    """What people see of the line: not each answer, and not each step of a long way."""
    return told.line.status, told.line.trouble, told.matching_rests


def _in_use(reader: Reader, lease: Lease) -> LeaseInUse:
    campaign = reader.vouchers.campaign(lease.campaign_id)
    return LeaseInUse(
        lease=lease,
        campaign=campaign.name if campaign else lease.campaign_id,
        taken=reader.redemptions.tally("lease", lease.id).uses,
    )
