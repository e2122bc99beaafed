"""The chain at a glance: each store with its freshness, its days and its takings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hq.cells import FEW, Total, cell, total
from hq.figures.footfall import Days, readings, together
from hq.schema import Connection

DAYS = 15
"""Today so far, the seven days before it, and the seven before those."""
SILENT_AFTER = timedelta(minutes=15)
"""A gateway asks every second and, after trouble, at least every minute (docs/headquarters.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sales:
    """Takings in one currency. ``counts`` and ``amounts`` are by day, the latest first."""

    currency: str
    counts: tuple[int, ...]
    amounts: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store as headquarters knows it. ``told_at``: how far its story reaches, if it has one;
    ``pulled_at``: how fresh its footfall is.
    """

    id: str
    name: str
    time_zone: str
    last_contact_at: datetime | None
    told_at: datetime | None
    pulled_at: datetime | None
    days: Days
    sales: tuple[Sales, ...]

    def silent(self, now: datetime) -> bool:
        return self.last_contact_at is None or now - self.last_contact_at > SILENT_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Takings:
    """What a chain took in some days, in one currency: how many sales, and how much."""

    currency: str
    sales: Total
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All stores, by name, and their days together."""

    stores: tuple[Store, ...]
    days: Days

    def latest(self) -> int:
        """How many days ago the day is that most stores have told last: they tell it when it is
        over. 1, yesterday, where nothing is known.
        """
        told = [sum(store.days.told(back) for store in self.stores) for back in range(DAYS)]
        enough = max(told, default=0) / 2
        return next((back for back, count in enumerate(told) if count and count >= enough), 1)

    def takings(self, start: int, end: int) -> list[Takings]:
        """By currency, the largest first. What ``total`` leaves out is missing from both."""
        by_currency: dict[str, list[tuple[int, Decimal]]] = defaultdict(list)
        for store in self.stores:
            for sales in store.sales:
                by_currency[sales.currency].append(
                    (sum(sales.counts[start:end]), sum(sales.amounts[start:end], Decimal()))
                )
        found = [_takings(currency, parts) for currency, parts in by_currency.items()]
        return sorted(found, key=lambda one: -one.sales.count)


def _takings(currency: str, parts: list[tuple[int, Decimal]]) -> Takings:
    sales = total([count for count, _ in parts])
    counted = [amount for count, amount in parts if not sales.left_out or cell(count) is not FEW]
    return Takings(currency=currency, sales=sales, amount=sum(counted, Decimal()))


def local_day(at: datetime, time_zone: str) -> date:
    """The day of a moment where the store is."""
    return at.astimezone(ZoneInfo(time_zone)).date()


async def chain(connection: Connection, now: datetime, store_id: str | None = None) -> Chain:
    """Every store, or one."""
    rows = await connection.fetch(_STORES, now, DAYS - 1, store_id)
    sold = await connection.fetch(_SALES, now, DAYS - 1, store_id)
    sales: dict[str, list[Sales]] = defaultdict(list)
    for row in sold:
        sales[row["store_id"]].append(
            Sales(
                currency=row["currency"],
                counts=tuple(row["counts"]),
                amounts=tuple(row["amounts"]),
            )
        )
    stores = tuple(
        Store(
            id=row["id"],
            name=row["name"],
            time_zone=row["time_zone"],
            last_contact_at=row["last_contact_at"],
            told_at=row["told_at"],
            pulled_at=row["pulled_at"],
            days=Days(
                traffic=readings(row["traffic"]),
                member_visits=readings(row["member_visits"]),
                transactions=readings(row["transactions"]),
            ),
            sales=tuple(sales[row["id"]]),
        )
        for row in rows
    )
    return Chain(stores=stores, days=together([store.days for store in stores], DAYS))


_STORES = """
WITH span AS (
    SELECT s.id, s.name, s.time_zone, s.last_contact_at, s.pulled_at, back,
        ((($1::timestamptz AT TIME ZONE s.time_zone)::date - back)::timestamp
            AT TIME ZONE s.time_zone) AS starts_at
    FROM shops s CROSS JOIN generate_series(0, $2::int) AS back
    WHERE $3::text IS NULL OR s.id = $3
)
SELECT span.id, span.name, span.time_zone, span.last_contact_at, span.pulled_at,
    max(last.told_at) AS told_at,
    array_agg(counted(f.body, 'traffic_in') ORDER BY back) AS traffic,
    array_agg(counted(f.body, 'member_visits') ORDER BY back) AS member_visits,
    array_agg(counted(f.body, 'transactions') ORDER BY back) AS transactions
FROM span
LEFT JOIN footfall f ON f.store_id = span.id AND f.zone = '' AND f.period = 'day'
    AND f.starts_at = span.starts_at AND f.starts_at > $1::timestamptz - ($2 + 2) * interval '1 day'
LEFT JOIN LATERAL (
    SELECT (e.body->>'at')::timestamptz AS told_at FROM events e
    WHERE e.store_id = span.id AND span.back = 0 ORDER BY e.sequence DESC LIMIT 1
) last ON true
GROUP BY span.id, span.name, span.time_zone, span.last_contact_at, span.pulled_at
ORDER BY span.name
"""
# Days that were over when figures were last worked out are read from them; the rest is counted.
_SALES = """
WITH span AS (
    SELECT id, time_zone, first_day, today, greatest(first_day, coalesce(
        ((SELECT max(at) FROM figures_worked_out) AT TIME ZONE time_zone)::date, first_day)) AS live
    FROM (
        SELECT id, time_zone, ($1::timestamptz AT TIME ZONE time_zone)::date AS today,
            ($1::timestamptz AT TIME ZONE time_zone)::date - $2::int AS first_day
        FROM shops WHERE $3::text IS NULL OR id = $3
    ) days
), sold AS (
    SELECT span.id AS store_id, f.currency, span.today - f.day AS back, f.sales, f.amount
    FROM span JOIN figures_sales f ON f.store_id = span.id
        AND f.day >= span.first_day AND f.day < span.live
    UNION ALL
    SELECT span.id, counted.* FROM span CROSS JOIN LATERAL (
        SELECT currency, span.today - (sold_at AT TIME ZONE span.time_zone)::date,
            count(*), sum(amount)
        FROM sales WHERE store_id = span.id AND sold_at <= $1
            AND sold_at >= span.live::timestamp AT TIME ZONE span.time_zone
        GROUP BY 1, 2
    ) counted
)
SELECT each.store_id, each.currency,
    array_agg(coalesce(sold.sales, 0)::int ORDER BY back) AS counts,
    array_agg(coalesce(sold.amount, 0) ORDER BY back) AS amounts
FROM (SELECT DISTINCT store_id, currency FROM sold) each
CROSS JOIN generate_series(0, $2::int) AS back
LEFT JOIN sold USING (store_id, currency, back)
GROUP BY 1, 2
ORDER BY 1, sum(sold.sales) DESC
"""
