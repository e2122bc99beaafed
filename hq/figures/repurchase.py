"""Who came back to buy: the rate by store, and the triangle of cohorts.

A member belongs to the store of their first purchase anywhere in the chain: the store that won
them. Days and months are those of the store that sold. The repurchase rate is the share of members
who bought in the last 365 days that did so on two days or more. A cohort is the members of a store
by the month of their first purchase; each month afterwards shows the share that bought in it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from hq.cells import Cell, Share, cell, joint, share, total
from hq.schema import Connection

MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The repurchase rate of a store, or with ``store_id`` "" of the chain."""

    store_id: str
    rate: Share
    buyers: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """``shares[k]``: of those who first bought in ``month``, who bought ``k + 1`` months later."""

    month: date
    size: Cell
    shares: tuple[Share, ...]


async def rates(connection: Connection) -> list[Rate]:
    """The chain's first, then each store's, by its id."""
    rows = await connection.fetch(
        "SELECT store_id, buyers, again FROM figures_repurchase ORDER BY store_id"
    )
    stores = [
        Rate(
            store_id=row["store_id"],
            rate=share(row["again"], row["buyers"]),
            buyers=cell(row["buyers"]),
        )
        for row in rows
    ]
    parts = [(row["again"], row["buyers"] - row["again"]) for row in rows]
    buyers = total([row["buyers"] for row in rows]).shown
    return [Rate(store_id="", rate=joint(parts), buyers=buyers), *stores]


async def cohorts(connection: Connection, today: date, store_id: str | None) -> list[Cohort]:
    """The last ``MONTHS`` cohorts of a store or of the chain, the oldest first."""
    rows = await connection.fetch(
        "SELECT store_id, month, later, members, size FROM figures_cohorts "
        "WHERE month > $1 AND ($2::text IS NULL OR store_id = $2)",
        *(_months_before(today, MONTHS), store_id),
    )
    cells: dict[tuple[date, int], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        again = row["members"]
        cells[row["month"], row["later"]].append((again, row["size"] - again))
    months = sorted({month for month, _ in cells})
    return [_cohort(month, today, cells) for month in months]


def _cohort(
    month: date, today: date, cells: dict[tuple[date, int], list[tuple[int, int]]]
) -> Cohort:
    until = (today.year - month.year) * 12 + today.month - month.month
    size = total([members for members, _ in cells[month, 0]]).shown
    return Cohort(
        month=month,
        size=size,
        shares=tuple(joint(cells[month, later]) for later in range(1, until + 1)),
    )


def _months_before(day: date, months: int) -> date:
    """The first of the month so many months before a day's."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
