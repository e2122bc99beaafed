"""What the stores tell, as rows: a statement for each kind of message, however many there are.

Each statement may find its row or make it, so that the order in which batches arrive changes
nothing. A row belongs to the store that told of it first; no other store can change it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from edge.contract import (
    ConsentGiven,
    ConsentWithdrawn,
    Message,
    RedemptionChanged,
    SaleMade,
    VisitAnswered,
    VisitClosed,
    VisitOpened,
)
from hq.schema import Connection

_OPENED = """
INSERT INTO visits (store_id, id, member_id, opened_at, arrived_by, claim)
SELECT $1, told.*, CASE arrived_by WHEN 'face' THEN 'possible' ELSE 'certain' END
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[])
    AS told (id, member_id, opened_at, arrived_by)
ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at, arrived_by = excluded.arrived_by,
    claim = coalesce(visits.claim, excluded.claim)
WHERE visits.store_id = excluded.store_id"""
_ANSWERED = """
INSERT INTO visits (store_id, id, member_id, answered_at, claim)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[])
ON CONFLICT (id) DO UPDATE SET answered_at = excluded.answered_at, claim = excluded.claim
WHERE visits.store_id = excluded.store_id
    AND coalesce(visits.answered_at <= excluded.answered_at, true)"""
_CLOSED = """
INSERT INTO visits (store_id, id, member_id, closed_at)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[])
ON CONFLICT (id) DO UPDATE SET closed_at = excluded.closed_at
WHERE visits.store_id = excluded.store_id"""
_GIVEN = """
INSERT INTO consents (store_id, id, member_id, given_at)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[])
ON CONFLICT (id) DO UPDATE SET given_at = excluded.given_at
WHERE consents.store_id = excluded.store_id"""
_WITHDRAWN = """
INSERT INTO consents (store_id, id, member_id, withdrawn_at, ended_by)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[])
ON CONFLICT (id) DO UPDATE SET withdrawn_at = excluded.withdrawn_at, ended_by = excluded.ended_by
WHERE consents.store_id = excluded.store_id AND consents.withdrawn_at IS NULL"""
_REDEEMED = """
INSERT INTO redemptions
    (store_id, id, member_id, at, voucher_id, campaign_id, state, discount, currency)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[],
    $7::text[], $8::text[]::numeric[], $9::text[])
ON CONFLICT (id) DO UPDATE SET at = excluded.at, state = excluded.state,
    member_id = excluded.member_id, discount = excluded.discount, currency = excluded.currency
WHERE redemptions.store_id = excluded.store_id AND redemptions.state <> 'reversed'"""

_SOLD = """
INSERT INTO sales (store_id, id, member_id, sold_at, amount, currency)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::text[]::numeric[],
    $6::text[])
ON CONFLICT DO NOTHING"""
_LINES = """
INSERT INTO sale_lines (sale_id, line, item, category, quantity, amount, gtin)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[]::numeric[],
    $6::text[]::numeric[], $7::text[])
ON CONFLICT DO NOTHING"""

OF_MEMBERS = ("visits", "consents", "redemptions", "sales")
_HEAD = "member_id", "at"
_KINDS = (
    (VisitOpened, _OPENED, attrgetter("visit_id", *_HEAD, "arrived_by")),
    (VisitAnswered, _ANSWERED, attrgetter("visit_id", *_HEAD, "claim")),
    (VisitClosed, _CLOSED, attrgetter("visit_id", *_HEAD)),
    (ConsentGiven, _GIVEN, attrgetter("consent_id", *_HEAD)),
    (ConsentWithdrawn, _WITHDRAWN, attrgetter("consent_id", *_HEAD, "ended_by")),
    (
        RedemptionChanged,
        _REDEEMED,
        attrgetter(
            *("redemption_id", *_HEAD, "voucher_id", "campaign_id"),
            *("state", "discount", "currency"),
        ),
    ),
    (SaleMade, _SOLD, attrgetter("sale_id", "member_id", "sold_at", "amount", "currency")),
)
"""Each kind of message with its statement and the fields it takes; the first names the row."""


async def write(connection: Connection, store_id: str, told: Sequence[Message]) -> None:
    """Write down a store's messages, each of which is new, in their order."""
    by_kind: defaultdict[type, list[Message]] = defaultdict(list)
    for message in told:
        by_kind[type(message)].append(message)
    for kind, sql, fields in _KINDS:
        rows = {row[0]: row for row in map(fields, by_kind[kind])}  # of each thing the last
        if rows:
            await connection.execute(sql, store_id, *map(list, zip(*rows.values(), strict=True)))
    await _write_lines(connection, [m for m in told if isinstance(m, SaleMade)])


async def _write_lines(connection: Connection, sales: Iterable[SaleMade]) -> None:
    lines = [
        (sale.sale_id, number, line.item, line.category, line.quantity, line.amount, line.gtin)
        for sale in sales
        for number, line in enumerate(sale.lines)
    ]
    if lines:
        await connection.execute(_LINES, *map(list, zip(*lines, strict=True)))


async def move(connection: Connection, loser: str, survivor: str) -> None:
    """What stands under a member's id, to the member who they are."""
    for table in OF_MEMBERS:
        await connection.execute(
            f"UPDATE {table} SET told_of = coalesce(told_of, member_id), member_id = $2 "
            "WHERE member_id = $1",
            *(loser, survivor),
        )
