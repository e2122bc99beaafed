"""What was sold at the till."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleLine:
    """One line of a receipt. ``amount`` is what the whole line comes to; both it and
    ``quantity`` are below 0 for what is given back."""

    item: str
    category: str = ""
    quantity: Decimal = Decimal(1)
    amount: Decimal
    gtin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is kept of a receipt: its sum, and whose it was where a member was named.

    ``receipt_id`` is the till's own, ``id`` is unlike any other store's. ``amount`` is below 0
    where more was given back than sold. A member's lines are kept as purchases, a stranger's
    not at all.
    """

    id: str
    receipt_id: str
    member_id: str | None = None
    amount: Decimal
    currency: str
    sold_at: datetime
