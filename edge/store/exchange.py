"""Where this store stands in headquarters' feeds, and what it could not take from them."""

from __future__ import annotations

from edge import contract
from edge.store.connection import Connection


class Exchange:
    """Cursors, withdrawals that were heard, and changes in quarantine."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cursor(self, feed: contract.Feed) -> int:
        """The place up to which a feed is applied; 0 before anything is."""
        rows = self._connection.execute("SELECT position FROM cursors WHERE feed = ?", feed)
        return next((int(row["position"]) for row in rows), 0)

    def heard(self, message_id: str) -> bool:
        """Whether this withdrawal has had its effect here."""
        rows = self._connection.execute(
            "SELECT 1 FROM withdrawals_heard WHERE message_id = ?", message_id
        )
        return any(True for _ in rows)

    def refused(self) -> list[tuple[str, int, str]]:
        """Feed, position and code of each change in quarantine."""
        rows = self._connection.execute(
            "SELECT feed, position, code FROM refused_changes ORDER BY feed, position"
        )
        return [(row["feed"], row["position"], row["code"]) for row in rows]


class WritableExchange(Exchange):
    def move(self, feed: contract.Feed, position: int) -> None:
        """Remember a feed as applied up to here; 0 asks for all of it again."""
        self._connection.execute(
            "INSERT INTO cursors (feed, position) VALUES (?, ?) "
            "ON CONFLICT (feed) DO UPDATE SET position = excluded.position",
            feed,
            position,
        )

    def hear(self, message_id: str) -> None:
        self._connection.execute(
            "INSERT INTO withdrawals_heard (message_id) VALUES (?) ON CONFLICT DO NOTHING",
            message_id,
        )

    def refuse(self, feed: contract.Feed, change: contract.Change, code: str) -> None:
        """Keep a change that cannot be applied, as it came."""
        self._connection.execute(
            "INSERT INTO refused_changes (feed, position, code, body) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (feed, position) DO UPDATE SET code = excluded.code, body = excluded.body",
            feed,
            change.position,
            code,
            bytes(change.message).decode(),
        )
