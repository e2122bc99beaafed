"""Messages for headquarters, written in the transaction of the fact they tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge import contract
from edge.store.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message at its place in the line; ``id`` grows and is never given twice."""

    id: int
    message: contract.Message


class Outbox:
    """What headquarters has not acknowledged yet, oldest first."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        """How many messages wait."""
        (row,) = self._connection.execute("SELECT count(*) AS n FROM outbox")
        return int(row["n"])

    def pending(self, limit: int) -> list[Outgoing]:
        rows = self._connection.execute("SELECT id, body FROM outbox ORDER BY id LIMIT ?", limit)
        return [Outgoing(id=row["id"], message=contract.decode(row["body"])) for row in rows]


class WritableOutbox(Outbox):
    def put(self, message: contract.Message) -> None:
        self._connection.execute(
            "INSERT INTO outbox (body) VALUES (?)", contract.encode(message).decode()
        )

    def forget(self, ids: Iterable[int]) -> None:
        """Remove what headquarters holds durably."""
        for outgoing_id in ids:
            self._connection.execute("DELETE FROM outbox WHERE id = ?", outgoing_id)
