"""Leases: what a store may give away alone. Each ends by itself, and is renewed well before.

The leases of a campaign that has a total come to that total and no more, so that stores that
are apart cannot give away more than there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from hashlib import sha256
from uuid import uuid4

import asyncpg

from edge.contract import LeaseGranted, Terms
from hq import feed
from hq.envelope import envelope
from hq.problems import Mistake
from hq.schema import Connection

DAY = timedelta(days=1)
CENT = Decimal("0.01")
NOTHING = Decimal(0)

_FORGET = """
WITH forgotten AS (
    INSERT INTO forgotten_uses (redemption_id, lease_id, discount)
    SELECT DISTINCT ON (redemptions.id) redemptions.id, leases.id, redemptions.discount
    FROM events
        JOIN redemptions ON redemptions.id = body ->> 'redemption_id'
        JOIN leases ON leases.id = body ->> 'lease_id'
    WHERE events.store_id = $1 AND sequence >= $2 AND redemptions.store_id = $1
        AND leases.store_id = $1 AND redemptions.state = 'committed'
    ON CONFLICT DO NOTHING RETURNING lease_id
)
SELECT * FROM leases WHERE id IN (SELECT lease_id FROM forgotten) ORDER BY id FOR UPDATE"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """``lasts`` is how long it holds once granted or renewed; one that ``renews`` is renewed as
    long as its campaign goes on."""

    id: str
    campaign_id: str
    store_id: str
    uses: int
    voucher_id: str | None = None
    budget: Decimal | None = None
    currency: str | None = None
    lasts: timedelta = DAY
    renews: bool = True


def new_id() -> str:
    """An id for a lease that a person grants."""
    return uuid4().hex


async def grant(connection: Connection, leases: list[Lease]) -> None:
    """Grant leases, or what has changed of them. Raises ``Mistake`` for a store that is none."""
    now = datetime.now(UTC)
    named = {lease.store_id for lease in leases}
    admitted = await connection.fetch("SELECT id FROM stores WHERE id = ANY($1::text[])", [*named])
    if strange := named - {row["id"] for row in admitted}:
        raise Mistake(f"no store is called {', '.join(sorted(strange))}; admit it, or correct it")
    for lease in leases:
        row = await connection.fetchrow(
            "INSERT INTO leases (id, campaign_id, store_id, voucher_id, uses, budget, currency, "
            "lasts, renews, granted_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
            "$10, $10::timestamptz + $8::interval) ON CONFLICT (id) DO UPDATE SET "
            "uses = excluded.uses, budget = excluded.budget, currency = excluded.currency, "
            "lasts = excluded.lasts, renews = excluded.renews, "
            "expires_at = excluded.expires_at RETURNING *",
            *(lease.id, lease.campaign_id, lease.store_id, lease.voucher_id, lease.uses),
            *(lease.budget, lease.currency, lease.lasts, lease.renews, now),
        )
        assert row is not None
        await _tell(connection, row)


def shares(campaign_id: str, terms: Terms, stores: list[str]) -> list[Lease]:
    """What each store of a campaign may give away alone; nothing where one store has it all,
    or where there is no total to keep to.
    """
    if terms.total is None or len(stores) < 2:
        return []
    each, over = divmod(terms.total, len(stores))
    budget = None
    if terms.budget is not None:
        whole = Decimal(terms.budget.amount)
        budget = (whole / len(stores)).quantize(CENT, rounding=ROUND_DOWN)
    return [
        Lease(
            id=sha256(f"{campaign_id}:{store_id}".encode()).hexdigest()[:32],
            campaign_id=campaign_id,
            store_id=store_id,
            uses=each + (place < over),
            budget=budget,
            currency=terms.budget.currency if terms.budget else None,
        )
        for place, store_id in enumerate(sorted(stores))
    ]


async def renew(connection: Connection, now: datetime) -> int:
    """Renew what has half its time or less left; returns how many. Any instance may, at once."""
    rows = await connection.fetch(
        "UPDATE leases SET expires_at = $1::timestamptz + lasts WHERE id IN ("
        "SELECT leases.id FROM leases LEFT JOIN campaigns ON campaigns.id = campaign_id "
        "WHERE renews AND expires_at < $1::timestamptz + lasts / 2 AND ended_at IS NULL "
        "ORDER BY leases.id FOR UPDATE OF leases SKIP LOCKED) RETURNING *",
        now,
    )
    for row in rows:
        await _tell(connection, row)
    return len(rows)


async def put_back(connection: Connection, store_id: str, first: int) -> None:
    """A store gave the number ``first`` a second time: it knows nothing it told from there on."""
    for row in await connection.fetch(_FORGET, store_id, first):
        await _tell(connection, row)


async def _tell(connection: Connection, row: asyncpg.Record) -> None:
    gone = await connection.fetchrow(
        "SELECT count(*) AS uses, coalesce(sum(discount), 0) AS spent FROM forgotten_uses "
        "WHERE lease_id = $1",
        row["id"],
    )
    assert gone is not None
    budget = None if row["budget"] is None else max(row["budget"] - gone["spent"], NOTHING)
    told = LeaseGranted(
        lease_id=row["id"],
        campaign_id=row["campaign_id"],
        uses=max(row["uses"] - gone["uses"], 0),
        expires_at=row["expires_at"],
        voucher_id=row["voucher_id"],
        budget=None if budget is None else f"{budget:f}",
        currency=row["currency"],
        **envelope(row["granted_at"]),
    )
    await feed.append(
        connection, "changes", [(f"lease:{row['id']}", told)], store_id=row["store_id"]
    )
