"""How the line to headquarters is doing, from what its rounds said."""

from __future__ import annotations

from datetime import datetime, timedelta

from edge.domain import LineStatus

GRACE = timedelta(seconds=15)
"""A round that fails now and then is tried again at once, and is nobody's concern."""


def status(
    *, in_line_at: datetime | None, trouble_since_at: datetime | None, remaining: int, now: datetime
) -> LineStatus:
    """``in_line_at`` is the last whole round since the start; ``remaining`` changes are to come."""
    if trouble_since_at is not None and abs(now - trouble_since_at) >= GRACE:
        return LineStatus.DOWN
    if remaining:
        return LineStatus.CATCHING_UP
    return LineStatus.CONNECTING if in_line_at is None else LineStatus.IN_LINE
