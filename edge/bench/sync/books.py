"""What headquarters' database holds, held against what was put in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge import contract
from edge.bench.sync.day import Day

if TYPE_CHECKING:
    import asyncpg

_HELD = "SELECT message_id FROM events WHERE store_id = $1"
# The withdrawals among them overtake by right.
_LATE = """
    SELECT count(*) FROM (
        SELECT received_at < max(received_at) OVER (
            PARTITION BY coalesce(body->>'voucher_id', body->>'member_id', body->>'sale_id')
            ORDER BY message_id
        ) AS late
        FROM events WHERE store_id = $1 AND body->>'type' <> 'ConsentWithdrawn'
    ) AS told WHERE late"""
_NAMES = """
    SELECT id, profile::jsonb->>'name' AS name FROM members WHERE id = ANY($1::text[])"""
_REPLACED = "SELECT count(*) FROM member_history WHERE set_by = $1 AND field = 'name'"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Messages that are missing, that counted more than once, that came after a later one."""

    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0

    def __add__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.lost + other.lost,
            self.duplicated + other.duplicated,
            self.out_of_order + other.out_of_order,
        )


class Books:
    """Reads headquarters' database; writes nothing."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str) -> AsyncIterator[Books]:
        import asyncpg  # headquarters' own driver; no gateway has it

        connection = await asyncpg.connect(dsn)
        try:
            yield cls(connection)
        finally:
            await connection.close()

    async def reached(self, store_id: str) -> int:
        """The last number that headquarters holds of a store; its messages are numbered from 1."""
        last = await self._value("SELECT max(sequence) FROM events WHERE store_id = $1", store_id)
        return int(last or 0)

    async def durability(self) -> dict[str, str]:
        """How PostgreSQL keeps what it acknowledged."""
        names = ("fsync", "synchronous_commit", "full_page_writes")
        return {name: str(await self._value(f"SHOW {name}")) for name in names}

    async def judge(self, days: Iterable[Day]) -> Verdict:
        """Compare what was put in with what is held and what came of it."""
        verdict = Verdict()
        for day in days:
            verdict += await self._judge(day)
        return verdict

    async def _judge(self, day: Day) -> Verdict:
        """Every edit of a name but one of each member leaves one line of history."""
        rows = [row["message_id"] for row in await self._connection.fetch(_HELD, day.store_id)]
        held, told = set(rows), list(day.told())
        edits = [
            message
            for message in told
            if isinstance(message, contract.MemberChanged) and message.message_id in held
        ]
        last = {edit.member_id: edit.profile.name for edit in edits}
        members = await self._connection.fetch(_NAMES, list(last))
        replaced = int(await self._value(_REPLACED, day.store_id))
        return Verdict(
            lost=sum(message.message_id not in held for message in told),
            duplicated=len(rows) - len(held) + replaced - (len(edits) - len(last)),
            out_of_order=int(await self._value(_LATE, day.store_id))
            + sum(row["name"] != last[row["id"]] for row in members),
        )

    async def _value(self, sql: str, *parameters: object) -> Any:
        return await self._connection.fetchval(sql, *parameters)
