"""Sales, as the till gets them back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from edge.clienteling_api.wire.body import Response


class SaleView(Response, frozen=True, kw_only=True):
    """What is kept of a receipt. ``member_id`` is null where nobody was named."""

    id: str
    receipt_id: str
    member_id: str | None
    amount: Decimal
    currency: str
    sold_at: datetime
