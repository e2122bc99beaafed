"""What a till tells of its receipts."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from edge.clienteling_api import mapping, wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.routing import Reply
from edge.clienteling_api.sale_requests import SaleBody, SaleRequest
from edge.domain import SaleLine, Session
from edge.flows.member_codes import Named
from edge.flows.sales import Receipt

_NAMES = ("member_id", "code", "phone")


async def record_sale(parts: Parts, guide: Session, body: SaleBody) -> Reply[wire.SaleView]:
    """Record a receipt of the till; the purchases show on the member's card.

    201 records it, 200 finds it recorded. The till is paired as a phone is.
    """
    recorded = await parts.sales.record(guide, receipt(body))
    view = msgspec.convert(recorded.sale, wire.SaleView, from_attributes=True)
    return Reply(view, status=201 if recorded.new else 200)


def receipt(body: SaleRequest) -> Receipt:
    """What the till says."""
    named = {name: value for name, value in mapping.sent(body).items() if name in _NAMES}
    return Receipt(
        id=body.receipt_id,
        amount=Decimal(body.amount),
        currency=body.currency,
        sold_at=body.sold_at,
        lines=tuple(
            SaleLine(
                item=line.item.strip(),
                category=line.category.strip(),
                quantity=Decimal(line.quantity),
                amount=Decimal(line.amount),
                gtin=line.gtin or None,
            )
            for line in body.lines
        ),
        member=Named(**named) if named else None,
    )
