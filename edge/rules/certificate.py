"""When a certificate is renewed, and when its renewal is late."""

from __future__ import annotations

from datetime import datetime

DUE, LATE = 1 / 3, 1 / 4
"""Shares of a certificate's life that are left. A third is what Let's Encrypt asks for, and is a
month of ninety days; a quarter is a week of failed attempts later.
"""


def is_due(begins_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether it is time to renew."""
    return _left(begins_at, ends_at, now) < DUE


def is_late(begins_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether it should long have been renewed."""
    return _left(begins_at, ends_at, now) < LATE


def _left(begins_at: datetime, ends_at: datetime, now: datetime) -> float:
    return (ends_at - now) / (ends_at - begins_at)
