"""What the store keeps of the time, so that the next start knows a clock that lost it."""

from __future__ import annotations

from datetime import datetime

from edge.rules import clock
from edge.store import Store, Transaction

ACTOR = "gateway"


async def note_time(store: Store, now: datetime, *, vouched: bool, store_id: str) -> None:
    """Write down that it is so late.

    A clock that the network vouches for is right, even where an earlier time was noted by one
    that ran ahead; that is written to the audit log, as a manager's word is. One that nobody
    vouches for never takes back what was noted.
    """

    def story(tx: Transaction) -> None:
        latest = tx.redemptions.latest_at()
        back = latest is not None and clock.wrong(now, latest)
        if back and vouched:
            tx.audit.append(
                actor=ACTOR,
                action="clock_trusted",
                subject=store_id,
                reason=f"set by the network; the latest time noted was {latest}",
            )
        if vouched or latest is None or now > latest:
            tx.redemptions.see(now)

    await store.write(story)
