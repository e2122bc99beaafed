"""A member's purchases, told to every store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import uuid4

from edge.contract import HEADQUARTERS, Message, PurchaseMade, SaleMade


def purchases(told: Iterable[Message]) -> Iterator[PurchaseMade]:
    """Each line of each receipt of a member, under the id that the store itself gave it."""
    for sale in told:
        if isinstance(sale, SaleMade) and sale.member_id is not None:
            for number, line in enumerate(sale.lines):
                yield PurchaseMade(
                    message_id=uuid4().hex,
                    store_id=HEADQUARTERS,
                    at=sale.at,
                    purchase_id=f"{sale.sale_id}-{number}",
                    member_id=sale.member_id,
                    item=line.item,
                    category=line.category,
                    amount=line.amount,
                    currency=sale.currency,
                    bought_at=sale.sold_at,
                )
