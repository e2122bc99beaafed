"""What each phone refused last, so that an arrival right after it can say who it was."""

from __future__ import annotations

from datetime import datetime, timedelta

from edge.domain import Guard

SOON = timedelta(minutes=2)
"""Time to ask the visitor's name or take their card; later arrivals are somebody else's."""


class Refusals:
    """The guard of each phone's last "not them". Memory only, one a phone."""

    def __init__(self) -> None:
        self._last: dict[str, Guard] = {}

    def note(self, session_id: str, guard: Guard) -> None:
        """This phone said "not them"."""
        self._last[session_id] = guard

    def by(self, session_id: str, now: datetime) -> Guard | None:
        """The guard that this phone set lately."""
        guard = self._last.get(session_id)
        return guard if guard is not None and now - guard.set_at < SOON else None

    def about(self, member_ids: frozenset[str], now: datetime) -> Guard | None:
        """A guard that was set lately on one of these members, by whichever phone."""
        lately = (guard for guard in self._last.values() if now - guard.set_at < SOON)
        return next((guard for guard in lately if guard.member_id in member_ids), None)

    def forget(self, guard: Guard) -> None:
        """It was said who it was."""
        self._last = {phone: last for phone, last in self._last.items() if last.id != guard.id}
