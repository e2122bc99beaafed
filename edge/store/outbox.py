"""Messages for headquarters, written in the transaction of the fact they tell.

A message leaves only when headquarters holds it durably. One that headquarters refused stays,
in quarantine, and those about the same member or voucher wait behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from edge import contract
from edge.domain import HeldMessage
from edge.store.connection import Connection
from edge.store.rows import moment

_DUE = """
    SELECT id, body, urgent FROM outbox AS due WHERE refused IS NULL AND (urgent OR NOT EXISTS (
        SELECT 1 FROM outbox AS first WHERE first.refused IS NOT NULL
        AND first.aggregate = due.aggregate AND first.id < due.id))
    AND id NOT IN (SELECT value FROM json_each(?))
    ORDER BY urgent DESC, id LIMIT ?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message at its place in the store's sequence; ``id`` grows and is never given twice."""

    id: int
    body: str
    urgent: bool = False

    @property
    def message(self) -> contract.Message:
        message: contract.Message = contract.decode(self.body)
        return message


class Outbox:
    """What headquarters has not acknowledged yet."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        """How many messages wait, those in quarantine with them."""
        (row,) = self._connection.execute("SELECT count(*) AS n FROM outbox")
        return int(row["n"])

    def refused(self) -> dict[int, str]:
        """What is in quarantine: the code by sequence number."""
        rows = self._connection.execute(
            "SELECT id, refused FROM outbox WHERE refused IS NOT NULL ORDER BY id"
        )
        return {row["id"]: row["refused"] for row in rows}

    def oldest_at(self) -> datetime | None:
        """The time of the oldest message that may travel; None where nothing waits for the line."""
        rows = self._connection.execute(
            "SELECT json_extract(body, '$.at') AS at FROM outbox WHERE refused IS NULL "
            "ORDER BY id LIMIT 1"
        )
        return next((datetime.fromisoformat(row["at"]) for row in rows), None)

    def first(self) -> int | None:
        """The least number that may travel; None where nothing waits for the line."""
        (row,) = self._connection.execute("SELECT min(id) AS id FROM outbox WHERE refused IS NULL")
        return None if row["id"] is None else int(row["id"])

    def held_count(self) -> int:
        """How many messages are in quarantine."""
        (row,) = self._connection.execute(
            "SELECT count(*) AS n FROM outbox WHERE refused IS NOT NULL"
        )
        return int(row["n"])

    def held(self, limit: int) -> list[HeldMessage]:
        """Messages in quarantine, the oldest first."""
        rows = self._connection.execute(
            "SELECT id, refused, refused_at, json_extract(body, '$.type') AS kind, "
            "json_extract(body, '$.at') AS told_at "
            "FROM outbox WHERE refused IS NOT NULL ORDER BY id LIMIT ?",
            limit,
        )
        return [
            HeldMessage(
                sequence=row["id"],
                kind=row["kind"],
                told_at=datetime.fromisoformat(row["told_at"]),
                code=row["refused"],
                refused_at=datetime.fromisoformat(row["refused_at"]) if row["refused_at"] else None,
            )
            for row in rows
        ]

    def pending(self, limit: int, *, travelling: Iterable[Outgoing] = ()) -> list[Outgoing]:
        """What may travel next: withdrawals first, then the oldest first."""
        rows = self._connection.execute(_DUE, _json(out.id for out in travelling), limit)
        return [
            Outgoing(id=row["id"], body=row["body"], urgent=bool(row["urgent"])) for row in rows
        ]

    def of(self, aggregate: str) -> list[contract.Message]:
        """What waits about a member or a voucher, the oldest first."""
        rows = self._connection.execute(
            "SELECT body FROM outbox WHERE aggregate = ? ORDER BY id", aggregate
        )
        return [contract.decode(row["body"]) for row in rows]


class WritableOutbox(Outbox):
    def put(self, message: contract.Message) -> None:
        self._connection.execute(
            "INSERT INTO outbox (body, aggregate, urgent) VALUES (?, ?, ?)",
            contract.encode(message).decode(),
            contract.aggregate(message),
            contract.is_urgent(message),
        )

    def forget(self, ids: Iterable[int]) -> None:
        """Remove what headquarters holds durably."""
        self._connection.execute(
            "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))", _json(ids)
        )

    def refuse(self, outgoing_id: int, code: str, at: datetime) -> None:
        """Keep a message in quarantine; the first time that it was refused stays."""
        self._connection.execute(
            "UPDATE outbox SET refused = ?, refused_at = coalesce(refused_at, ?) WHERE id = ?",
            code,
            moment(at),
            outgoing_id,
        )

    def release(self) -> int:
        """Let what is in quarantine be offered again; returns how many messages that is."""
        released = self.held_count()
        self._connection.execute("UPDATE outbox SET refused = NULL WHERE refused IS NOT NULL")
        return released

    def continue_after(self, sequence: int) -> None:
        """Number everything that waits, and all that follows, above ``sequence``.

        For a store put back from a backup: its next numbers were given out before. What waits
        keeps its order and its message ids.
        """
        execute = self._connection.execute
        # SQLite checks a key row by row: through the negative numbers none meets another.
        execute("UPDATE outbox SET id = -id - ?", sequence)
        execute("UPDATE outbox SET id = -id")
        execute("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'outbox'", sequence)
        execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'outbox', ? WHERE NOT EXISTS "
            "(SELECT 1 FROM sqlite_sequence WHERE name = 'outbox')",
            sequence,
        )


def _json(ids: Iterable[int]) -> str:
    """A set of numbers as one parameter."""
    return msgspec.json.encode(list(ids)).decode()
