"""Visits: who is in the store, and who was."""

from __future__ import annotations

from datetime import datetime

from edge.domain import Claim, Visit
from edge.store.connection import Connection
from edge.store.rows import Table


class Visits:
    """Stays of members. At most one is open for each member."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, Visit, "visits")

    def get(self, visit_id: str) -> Visit | None:
        return self._rows.get(visit_id)

    def open_of(self, member_id: str) -> Visit | None:
        return self._rows.first("WHERE member_id = ? AND closed_at IS NULL", member_id)

    def all_open(self) -> list[Visit]:
        """The longest stay first."""
        # Pinned: left alone SQLite walks through every visit there ever was, to have them in order.
        return self._rows.all(
            "INDEXED BY one_open_visit WHERE closed_at IS NULL ORDER BY opened_at, rowid"
        )

    def of(self, member_id: str, limit: int) -> list[Visit]:
        """Newest first."""
        return self._rows.all(
            "WHERE member_id = ? ORDER BY opened_at DESC, rowid DESC LIMIT ?", member_id, limit
        )

    def last_of(self, member_id: str) -> Visit | None:
        return next(iter(self.of(member_id, 1)), None)

    def begun(self, starts_at: datetime, ends_at: datetime) -> list[Visit]:
        """Those that began in a half-open time."""
        return self._rows.all("WHERE opened_at >= ? AND opened_at < ?", starts_at, ends_at)

    def days(self, member_id: str) -> list[datetime]:
        """When each visit began, oldest first. What a guide refused was no visit of theirs."""
        visits = self._rows.each(
            "WHERE member_id = ? AND claim <> ? ORDER BY opened_at", member_id, Claim.REFUSED
        )
        return [visit.opened_at for visit in visits]


class WritableVisits(Visits):
    def put(self, visit: Visit) -> None:
        """Raises ``Conflict`` when the member has another open visit."""
        self._rows.put(visit)
