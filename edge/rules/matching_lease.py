"""For how long faces may be matched without news of who has withdrawn.

A member may withdraw in any store. A gateway that headquarters cannot reach does not hear of it,
so it may match for ``LEASE`` after it last heard the withdrawals to their end, and then rests
until it hears them again. In doubt it rests: a clock that was set back behind the last hearing
says nothing about how long ago that was.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from edge.domain import Hearing

LEASE = timedelta(hours=24)
"""Requirement 6 of what a recogniser owes people: on an offline gateway a withdrawal holds then."""
WHY = (
    "headquarters was not heard for 24 hours, so somebody may have withdrawn without this store "
    "knowing; it goes on by itself as soon as headquarters is heard"
)
CLOCK_TOLERANCE = timedelta(minutes=5)
"""Clocks are nudged by so much when they are set by the network."""


def ends_in(hearing: Hearing | None, now: datetime) -> timedelta:
    """What is left of the lease; nothing where it has ended or never began."""
    if hearing is None or now < hearing.heard_at - CLOCK_TOLERANCE:
        return timedelta()
    return max(timedelta(), LEASE - max(now - hearing.heard_at, hearing.spent))


def rests(hearing: Hearing | None, now: datetime) -> bool:
    """Whether no face may be matched now."""
    return not ends_in(hearing, now)
