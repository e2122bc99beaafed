"""Guards: which members are to be named with more care. Identifiers and times, no score."""

from __future__ import annotations

from datetime import datetime

from edge.domain import Guard
from edge.store.connection import Connection
from edge.store.rows import Table

_OF = "WHERE member_id = ? OR other_id = ?"


class Guards:
    """What was learnt from "not them", until it ends."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, Guard, "guards")

    def get(self, guard_id: str) -> Guard | None:
        return self._rows.get(guard_id)

    def of(self, member_id: str) -> list[Guard]:
        """Those about a member, alone or in a pair, newest first; ended ones until the purge."""
        return self._rows.all(f"{_OF} ORDER BY set_at DESC, rowid DESC", member_id, member_id)

    def all(self) -> list[Guard]:
        """Newest first."""
        return self._rows.all("ORDER BY set_at DESC, rowid DESC")


class WritableGuards(Guards):
    def put(self, guard: Guard) -> None:
        self._rows.put(guard)

    def remove(self, guard_id: str) -> None:
        self._rows.remove("WHERE id = ?", guard_id)

    def remove_of(self, member_id: str) -> list[Guard]:
        """Remove what is about a member, and return it."""
        return self._rows.remove(_OF, member_id, member_id)

    def purge(self, now: datetime) -> list[Guard]:
        """Remove what has ended, and return it."""
        return self._rows.remove("WHERE ends_at <= ?", now)
