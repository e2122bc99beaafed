"""A campaign's rules about money: what a voucher takes off a basket, and whether it may.

The goods that count are those in the campaign's scope; minimum spend and percentage look at
them alone. The floor looks at the whole basket.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from edge.domain import (
    AmountOff,
    Basket,
    Campaign,
    Gift,
    Line,
    Money,
    PercentOff,
    Reason,
    Refusal,
    Value,
)

_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "ISK": 0, "KWD": 3, "BHD": 3, "OMR": 3}
"""ISO 4217's exceptions among the currencies that shops take; all others have two."""

NOTHING = Decimal(0)


def refuse_combination(campaign: Campaign, beside: Sequence[Campaign]) -> Refusal | None:
    """Whether a voucher may join those that are on the basket already."""
    alone = bool(beside) and not all(c.stacks for c in (campaign, *beside))
    grouped = campaign.exclusion_group and any(
        c.exclusion_group == campaign.exclusion_group for c in beside
    )
    return Refusal(reason=Reason.NOT_COMBINABLE) if alone or grouped else None


def refuse_basket(campaign: Campaign, value: Value, basket: Basket | None) -> Refusal | None:
    """Whether the basket is what the campaign asks for."""
    if basket is None:
        return _ask_for_basket(campaign, value)
    currency = basket.total.currency
    if any(money.currency != currency for money in _moneys(campaign, value)):
        return Refusal(reason=Reason.OTHER_CURRENCY)
    if _scoped(campaign) and not _in_scope(campaign, basket):
        return _asked(Reason.OUT_OF_SCOPE, campaign)
    if campaign.minimum and eligible(campaign, basket) < campaign.minimum.amount:
        return _asked(Reason.BELOW_MINIMUM, campaign)
    return None


def discount(
    campaign: Campaign, value: Value, basket: Basket | None, taken_off: Decimal
) -> Money | Refusal | None:
    """What the voucher takes off, rounded half up to the currency's smallest coin.

    Never more than the goods that count cost, never below the campaign's floor, with
    ``taken_off`` by other vouchers of this basket already. None where the basket is not known
    and the till works it out. An amount takes itself off a basket that is not known.
    """
    if basket is None:
        return value.money if isinstance(value, AmountOff) else None
    currency = basket.total.currency
    worth = min(_worth(campaign, value, basket), basket.total.amount - taken_off)
    if campaign.floor is not None:
        worth = min(worth, basket.total.amount - taken_off - campaign.floor.amount)
        if worth <= 0:
            return Refusal(reason=Reason.BELOW_FLOOR, money=campaign.floor)
    coin = Decimal(1).scaleb(-_MINOR_DIGITS.get(currency, 2))
    amount = max(worth, NOTHING).quantize(coin, ROUND_HALF_UP)
    return Money(amount=amount, currency=currency)


def eligible(campaign: Campaign, basket: Basket) -> Decimal:
    """What the goods that count cost."""
    if not _scoped(campaign):
        return basket.total.amount
    return sum((line.price * line.quantity for line in _in_scope(campaign, basket)), NOTHING)


def _worth(campaign: Campaign, value: Value, basket: Basket) -> Decimal:
    match value:
        case AmountOff(money=money):
            return min(money.amount, eligible(campaign, basket))
        case PercentOff(percent=percent, at_most=at_most):
            share = eligible(campaign, basket) * percent / 100
            return min(share, at_most.amount) if at_most else share
        case Gift(gtin=gtin):
            prices = [line.price for line in basket.lines if gtin and line.gtin == gtin]
            return max(prices, default=NOTHING)


def _ask_for_basket(campaign: Campaign, value: Value) -> Refusal | None:
    priced = campaign.budget is not None and not isinstance(value, AmountOff)
    if _scoped(campaign) or campaign.minimum or campaign.floor or priced:
        return _asked(Reason.NEEDS_BASKET, campaign)
    return None


def _asked(reason: Reason, campaign: Campaign) -> Refusal:
    """A refusal that says what the basket should be."""
    return Refusal(
        reason=reason,
        money=campaign.minimum,
        products=campaign.products,
        categories=campaign.categories,
    )


def _moneys(campaign: Campaign, value: Value) -> list[Money]:
    found = [campaign.minimum, campaign.floor, campaign.budget]
    if isinstance(value, AmountOff):
        found.append(value.money)
    if isinstance(value, PercentOff):
        found.append(value.at_most)
    return [money for money in found if money is not None]


def _scoped(campaign: Campaign) -> bool:
    return bool(campaign.products or campaign.categories)


def _in_scope(campaign: Campaign, basket: Basket) -> list[Line]:
    return [
        line
        for line in basket.lines
        if line.gtin in campaign.products or line.category in campaign.categories
    ]
