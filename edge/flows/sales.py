"""A receipt comes from the till: one transaction for the sale, the purchases, and headquarters.

Told again it changes nothing. Of a sale to nobody in particular only the sum is kept and told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from edge import contract
from edge.config import StoreConfig
from edge.domain import Member, MemberChanged, Sale, SaleLine, Session
from edge.errors import Conflict, NotFound
from edge.feed import Feed
from edge.flows.member_codes import MemberCodes, Named
from edge.flows.records import envelope
from edge.rules import sale as rules
from edge.store import Reader, Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the till says. ``member`` is None where nobody was named."""

    id: str
    amount: Decimal
    currency: str
    sold_at: datetime
    lines: tuple[SaleLine, ...] = ()
    member: Named | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """``new`` is False where the receipt had been told before."""

    sale: Sale
    new: bool


class Sales:
    """Takes in what the till sold."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        shop: StoreConfig,
        member_codes: MemberCodes,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._shop = shop
        self._member_codes = member_codes

    async def record(self, till: Session, receipt: Receipt) -> Recorded:
        """Record a receipt once.

        Raises ``NotFound`` for a member that is not ours, ``Conflict`` for a code that does not
        hold, a time that cannot be, and a receipt's id that another has, and ``TooManyTries``
        for a till whose codes were wrong too often: without a member the sale is taken.
        """
        now = self._clock()
        if not rules.plausible(receipt.sold_at, now):
            raise Conflict(
                "this is before 2000 or in the future; check the till's clock", field="sold_at"
            )
        sale = Sale(
            id=rules.sale_id(self._shop.id, receipt.id),
            receipt_id=receipt.id,
            amount=receipt.amount,
            currency=receipt.currency,
            sold_at=receipt.sold_at,
        )

        def story(tx: Transaction) -> Recorded:
            before = tx.sales.get(sale.id)
            if before is not None:
                return _again(before, sale)
            member = self._member(tx, till, receipt.member, now)
            sold = replace(sale, member_id=member.id if member else None)
            self._write(tx, sold, receipt.lines, till, now)
            return Recorded(sale=sold, new=True)

        recorded = await self._store.write(story)
        if recorded.new and recorded.sale.member_id is not None:
            self._feed.publish(MemberChanged(member_id=recorded.sale.member_id))
        return recorded

    def _member(
        self, reader: Reader, till: Session, named: Named | None, now: datetime
    ) -> Member | None:
        if named is None:
            return None
        find, _ = self._member_codes.finder(named, till.id, now, self._shop)
        member = find(reader)
        if member is None:
            raise NotFound("no member has this; check it, or tell the sale without a member")
        return member

    def _write(
        self,
        tx: Transaction,
        sale: Sale,
        lines: tuple[SaleLine, ...],
        till: Session,
        now: datetime,
    ) -> None:
        tx.sales.add(sale)
        for purchase in rules.purchases(sale, lines):
            tx.purchases.add(purchase)
        tx.outbox.put(_message(sale, lines, self._shop.id, now))
        if sale.member_id is not None:
            tx.audit.append(
                actor=till.guide_name,
                action="sale_recorded",
                subject=sale.member_id,
                reason=f"sale {sale.id}",
            )


def _again(before: Sale, told: Sale) -> Recorded:
    if not rules.same(before, told):
        raise Conflict(
            "another receipt was told with this id; give each receipt an id of its own",
            field="receipt_id",
        )
    return Recorded(sale=before, new=False)


def _message(
    sale: Sale, lines: tuple[SaleLine, ...], store_id: str, now: datetime
) -> contract.SaleMade:
    return contract.SaleMade(
        sale_id=sale.id,
        member_id=sale.member_id,
        lines=tuple(map(_line, lines)) if sale.member_id is not None else (),
        amount=f"{sale.amount:f}",
        currency=sale.currency,
        sold_at=sale.sold_at,
        **envelope(store_id, now),
    )


def _line(line: SaleLine) -> contract.SaleLine:
    return contract.SaleLine(
        item=line.item,
        category=line.category,
        quantity=f"{line.quantity:f}",
        amount=f"{line.amount:f}",
        gtin=line.gtin,
    )
