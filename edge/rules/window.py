"""Daily windows: from 22:00 to 04:00 by the clock on the store's wall, every day of the year.

A window is a stretch of time that begins on a day and ends once, so it never opens twice in
the night in which the clocks go back. An hour that comes twice opens at its first coming and
closes at its last, to the customer's advantage; an hour that never comes is read with the
offset before the change (RFC 5545, 3.3.5).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from edge.domain import Window

_DAY = timedelta(days=1)


def closes_at(window: Window, at: datetime, tz: ZoneInfo) -> datetime | None:
    """When the window that is open at this moment closes; None where none is open."""
    return max((end for start, end in _around(window, at, tz) if start <= at < end), default=None)


def open_around(window: Window, at: datetime, tz: ZoneInfo) -> tuple[datetime, datetime] | None:
    """When the window that is open at this moment opened and closes; None where none is open."""
    return next(((start, end) for start, end in _around(window, at, tz) if start <= at < end), None)


def opens_at(window: Window, at: datetime, tz: ZoneInfo) -> datetime:
    """When the next window opens after this moment."""
    return min(start for start, _ in _around(window, at, tz) if start > at)


def _around(window: Window, at: datetime, tz: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The windows of the days around this moment, in UTC."""
    today = at.astimezone(tz).date()
    return [_of_day(window, today + _DAY * offset, tz) for offset in range(-2, 3)]


def _of_day(window: Window, day: date, tz: ZoneInfo) -> tuple[datetime, datetime]:
    last_day = day if window.closes > window.opens else day + _DAY
    start = datetime.combine(day, window.opens, tz)
    end = datetime.combine(last_day, window.closes, tz)
    last = end.replace(fold=1)
    # A later fold lies later only for an hour that comes twice; in a gap it lies earlier.
    return start.astimezone(UTC), max(end.astimezone(UTC), last.astimezone(UTC))
