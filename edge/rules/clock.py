"""Whether the gateway's clock is certainly wrong: it stands before a time that has passed.

A small computer whose battery is empty starts in another year, and a shop without a line has
nobody who tells it better. A clock that stands ahead cannot be told from time that went by, so
only standing behind is known. What turns with time is not judged by such a clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""Nothing happened in a store before its program was written."""
TOLERANCE = timedelta(minutes=2)
"""A clock that is set right by the network goes back by seconds, which is no fault."""


def passed(latest_at: datetime | None) -> datetime:
    """A time that has certainly passed. ``latest_at`` is the latest that the store wrote down."""
    return MADE_AT if latest_at is None else max(MADE_AT, latest_at)


def wrong(now: datetime, passed_at: datetime) -> bool:
    """Whether a clock stands so far before what has passed that it must be wrong."""
    return now < passed_at - TOLERANCE
