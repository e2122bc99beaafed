"""A receipt as a sale and as a member's purchases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from edge.domain import Purchase, Sale, SaleLine

AHEAD = timedelta(days=1)
"""How far a till's clock may be ahead of the gateway's."""

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No till of today has a receipt from before; one that says so has lost its clock."""


def sale_id(store_id: str, receipt_id: str) -> str:
    """The same for the same receipt, and another for another store's of that number."""
    return sha256(f"{store_id}\n{receipt_id}".encode()).hexdigest()[:32]


def plausible(sold_at: datetime, now: datetime) -> bool:
    """Whether a till that knows the time can have sold then."""
    return EARLIEST <= sold_at <= now + AHEAD


def same(one: Sale, other: Sale) -> bool:
    """Whether two tell of the same receipt: its sum and its time. Whose it was does not count,
    because a member's code that was good at the till is not when it is told again.
    """
    told = [(sale.id, sale.amount, sale.currency, sale.sold_at) for sale in (one, other)]
    return told[0] == told[1]


def purchases(sale: Sale, lines: Iterable[SaleLine]) -> list[Purchase]:
    """The lines as the member's; none where no member is known."""
    if sale.member_id is None:
        return []
    return [
        Purchase(
            id=f"{sale.id}-{number}",
            member_id=sale.member_id,
            item=line.item,
            category=line.category,
            amount=line.amount,
            currency=sale.currency,
            bought_at=sale.sold_at,
        )
        for number, line in enumerate(lines)
    ]
