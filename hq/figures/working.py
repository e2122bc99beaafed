"""Figures over all of the past: worked out every hour, and read in a moment.

One instance at a time does so, in one transaction; until it ends the pages show what was before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import asyncpg
import structlog

from hq.database import TROUBLE
from hq.figures.chain import DAYS
from hq.figures.regulars import WAITS_LEAST, WAITS_MOST
from hq.schema import Connection

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
LOOK_EVERY_S = 30.0
DAYS_MOST = 100  # of a member's days, that many are shown
_LOCK = 7_201_003  # any number of our own


async def worked_out_at(connection: Connection) -> datetime | None:
    """How far these figures reach; None before they were first worked out."""
    at: datetime | None = await connection.fetchval("SELECT max(at) FROM figures_worked_out")
    return at


async def work_out(connection: Connection, now: datetime) -> bool:
    """Work the figures out as of ``now``. False where another instance is at it."""
    async with connection.transaction():
        if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
            return False
        await connection.execute(_TABLES)
        for statement in (_BOUGHT, _WON, _REPURCHASE, _COHORTS, _SALES, _SEEN, _SPENT, _REGULARS):
            await connection.execute(statement, now)
        await connection.execute("INSERT INTO figures_worked_out (at) VALUES ($1)", now)
    return True


async def keep_worked_out(pool: asyncpg.Pool, clock: Callable[[], datetime]) -> None:
    """Work them out anew whenever they are an hour old, until cancelled."""
    while True:
        try:
            async with pool.acquire() as connection:
                at = await worked_out_at(connection)
                if at is None or clock() - at >= EVERY:
                    await work_out(connection, clock())
        except TROUBLE as error:
            log.warning("figures_not_worked_out", error=str(error))
        await asyncio.sleep(LOOK_EVERY_S)


_TABLES = """
CREATE TEMP TABLE bought (member_id text, store_id text, day date) ON COMMIT DROP;
CREATE TEMP TABLE won (member_id text, store_id text, first_day date) ON COMMIT DROP;
CREATE TEMP TABLE seen (member_id text, day date, store_id text) ON COMMIT DROP;
CREATE TEMP TABLE spent (member_id text, currency text, amount numeric) ON COMMIT DROP;
DELETE FROM figures_repurchase;
DELETE FROM figures_cohorts;
DELETE FROM figures_regulars;
DELETE FROM figures_sales;
DELETE FROM figures_worked_out;
"""
_BOUGHT = """
INSERT INTO bought
SELECT DISTINCT sa.member_id, sa.store_id, (sa.sold_at AT TIME ZONE s.time_zone)::date
FROM sales sa JOIN shops s ON s.id = sa.store_id
WHERE sa.member_id IS NOT NULL AND sa.amount > 0 AND sa.sold_at <= $1
"""
_WON = """
INSERT INTO won SELECT DISTINCT ON (member_id) member_id, store_id, day
FROM bought WHERE $1::timestamptz IS NOT NULL ORDER BY member_id, day, store_id
"""
_REPURCHASE = """
INSERT INTO figures_repurchase (store_id, buyers, again)
SELECT won.store_id, count(*), count(*) FILTER (WHERE year.days > 1)
FROM (
    SELECT member_id, count(DISTINCT day) AS days FROM bought
    WHERE day > ($1::timestamptz)::date - 365 GROUP BY 1
) year JOIN won USING (member_id) GROUP BY 1
"""
_COHORTS = """
WITH months AS (
    SELECT DISTINCT b.member_id, w.store_id, date_trunc('month', w.first_day)::date AS month,
        (extract(year FROM b.day) * 12 + extract(month FROM b.day)
            - extract(year FROM w.first_day) * 12 - extract(month FROM w.first_day))::int AS later
    FROM bought b JOIN won w USING (member_id)
    WHERE w.first_day > ($1::timestamptz)::date - 400
), counted AS (
    SELECT store_id, month, later, count(*) AS members FROM months GROUP BY 1, 2, 3
)
INSERT INTO figures_cohorts (store_id, month, later, members, size)
SELECT first.store_id, first.month, after, coalesce(c.members, 0), first.members
FROM counted first
CROSS JOIN LATERAL generate_series(0, ((extract(year FROM $1::timestamptz)
    - extract(year FROM first.month)) * 12 + extract(month FROM $1::timestamptz)
    - extract(month FROM first.month))::int) AS after
LEFT JOIN counted c
    ON c.store_id = first.store_id AND c.month = first.month AND c.later = after
WHERE first.later = 0
"""
_SALES = f"""
INSERT INTO figures_sales (store_id, day, currency, sales, amount)
SELECT s.id, (sa.sold_at AT TIME ZONE s.time_zone)::date, sa.currency, count(*), sum(sa.amount)
FROM shops s JOIN sales sa ON sa.store_id = s.id
    AND sa.sold_at > $1::timestamptz - interval '{DAYS + 1} days'
    AND sa.sold_at < ($1 AT TIME ZONE s.time_zone)::date::timestamp AT TIME ZONE s.time_zone
GROUP BY 1, 2, 3
"""
_SEEN = """
INSERT INTO seen
SELECT member_id, day, min(store_id) FROM (
    SELECT member_id, store_id, day FROM bought
    UNION ALL
    SELECT v.member_id, v.store_id, (v.opened_at AT TIME ZONE s.time_zone)::date
    FROM visits v JOIN shops s ON s.id = v.store_id
    WHERE v.claim IN ('confirmed', 'certain') AND v.opened_at <= $1
) days WHERE day > ($1::timestamptz)::date - 1096 GROUP BY 1, 2
"""
_SPENT = """
INSERT INTO spent
SELECT DISTINCT ON (member_id) member_id, currency, sum(amount) FROM sales
WHERE member_id IS NOT NULL AND sold_at <= $1 AND sold_at > $1 - interval '365 days'
GROUP BY member_id, currency ORDER BY member_id, sum(amount) DESC
"""
_REGULARS = f"""
WITH ranked AS (
    SELECT member_id, day, store_id, row_number() OVER latest AS place,
        day - lead(day) OVER latest AS waited
    FROM seen WINDOW latest AS (PARTITION BY member_id ORDER BY day DESC)
), rhythms AS (
    SELECT member_id, max(day) AS last_day,
        mode() WITHIN GROUP (ORDER BY store_id) FILTER (WHERE place <= {WAITS_MOST}) AS store_id,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY waited)
            FILTER (WHERE place <= {WAITS_MOST}) AS usual_days,
        max(waited) FILTER (WHERE place <= {WAITS_MOST}) AS longest_days,
        count(waited) FILTER (WHERE place <= {WAITS_MOST}) AS waits,
        array_agg(day ORDER BY day DESC) FILTER (WHERE day > ($1::timestamptz)::date - 366) AS days
    FROM ranked WHERE place <= {DAYS_MOST} GROUP BY member_id
    HAVING count(waited) FILTER (WHERE place <= {WAITS_MOST}) >= {WAITS_LEAST}
)
INSERT INTO figures_regulars
    (member_id, store_id, last_day, usual_days, longest_days, waits, days, spent, currency)
SELECT r.member_id, r.store_id, last_day, usual_days, longest_days, waits, coalesce(days, '{{}}'),
    coalesce(spent.amount, 0), coalesce(spent.currency, '')
FROM rhythms r LEFT JOIN spent USING (member_id) WHERE $1::timestamptz IS NOT NULL
"""
