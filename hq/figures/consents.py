"""Consent to face matching: given and withdrawn by month and store, and what proves the end.

Every consent that ended is to be followed by a ``DeletionProven`` of the store that held the
templates. What still waits for one is work for a person and shown store by store, however few.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from hq.cells import Cell, Total, cell, total
from hq.schema import Connection

MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """``given[i]`` and ``withdrawn[i]`` in ``months[i]``, of a store or of the chain."""

    months: tuple[date, ...]
    given: tuple[Cell, ...]
    withdrawn: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConsents:
    """A store's consents in the last ``MONTHS`` months, and deletions that are not proven yet."""

    store_id: str
    in_force: Cell
    given: Cell
    withdrawn: Cell
    unproven: int
    unproven_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consents:
    """The page: the months of what was asked for, every store, and the chain's totals."""

    months: Months
    stores: tuple[StoreConsents, ...]
    in_force: Total
    given: Total
    withdrawn: Total


async def consents(connection: Connection, today: date, store_id: str | None) -> Consents:
    """Consents of the chain; the months of one store where ``store_id`` names it."""
    first = _months(today)[0]
    rows = await connection.fetch(_MONTHS, first)
    of_store = {row["store_id"]: row for row in await connection.fetch(_STORES, first)}
    stores = tuple(
        StoreConsents(
            store_id=row["store_id"],
            in_force=cell(row["in_force"]),
            given=cell(row["given"]),
            withdrawn=cell(row["withdrawn"]),
            unproven=row["unproven"],
            unproven_since=row["unproven_since"],
        )
        for row in of_store.values()
    )
    given: dict[date, list[int]] = defaultdict(list)
    withdrawn: dict[date, list[int]] = defaultdict(list)
    for row in rows:
        if store_id in (None, row["store_id"]):
            given[row["month"]].append(row["given"])
            withdrawn[row["month"]].append(row["withdrawn"])
    months = _months(today)
    return Consents(
        months=Months(
            months=months,
            given=tuple(total(given[month]).shown for month in months),
            withdrawn=tuple(total(withdrawn[month]).shown for month in months),
        ),
        stores=stores,
        in_force=total([row["in_force"] for row in of_store.values()]),
        given=total([row["given"] for row in of_store.values()]),
        withdrawn=total([row["withdrawn"] for row in of_store.values()]),
    )


def _months(today: date) -> tuple[date, ...]:
    """The first days of the last ``MONTHS`` months, this one included, the oldest first."""
    last = today.year * 12 + today.month - 1
    return tuple(date(m // 12, m % 12 + 1, 1) for m in range(last - MONTHS + 1, last + 1))


_MONTHS = """
WITH told AS (
    SELECT c.store_id, date_trunc('month', c.given_at AT TIME ZONE s.time_zone)::date AS month,
        1 AS given, 0 AS withdrawn
    FROM consents c JOIN shops s ON s.id = c.store_id
    UNION ALL
    SELECT c.store_id, date_trunc('month', c.withdrawn_at AT TIME ZONE s.time_zone)::date, 0, 1
    FROM consents c JOIN shops s ON s.id = c.store_id
)
SELECT store_id, month, sum(given)::int AS given, sum(withdrawn)::int AS withdrawn
FROM told WHERE month >= $1 GROUP BY 1, 2
"""
_STORES = """
SELECT s.id AS store_id,
    count(c.id) FILTER (WHERE c.withdrawn_at IS NULL)::int AS in_force,
    count(c.id) FILTER (WHERE c.given_at >= $1::date)::int AS given,
    count(c.id) FILTER (WHERE c.withdrawn_at >= $1::date)::int AS withdrawn,
    count(c.id) FILTER (WHERE c.withdrawn_at IS NOT NULL AND proof.id IS NULL)::int AS unproven,
    min(c.withdrawn_at) FILTER (WHERE proof.id IS NULL) AS unproven_since
FROM shops s
LEFT JOIN consents c ON c.store_id = s.id
LEFT JOIN (
    SELECT DISTINCT store_id, body->>'consent_id' AS id FROM events
    WHERE body->>'type' = 'DeletionProven'
) proof ON proof.store_id = c.store_id AND proof.id = c.id
GROUP BY s.id, s.name ORDER BY s.name
"""
