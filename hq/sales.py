"""A member's purchases, told to every store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edge.contract import Message, PurchaseMade, SaleMade
from hq.envelope import envelope


def purchases(told: Iterable[Message]) -> Iterator[PurchaseMade]:
    """Each line of each receipt of a member, under the id that the store itself gave it."""
    for sale in told:
        if isinstance(sale, SaleMade) and sale.member_id is not None:
            for number, line in enumerate(sale.lines):
                yield PurchaseMade(
                    purchase_id=f"{sale.sale_id}-{number}",
                    member_id=sale.member_id,
                    item=line.item,
                    category=line.category,
                    amount=line.amount,
                    currency=sale.currency,
                    bought_at=sale.sold_at,
                    **envelope(sale.at),
                )
