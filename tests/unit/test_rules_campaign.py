"""What a voucher takes off a basket, and which baskets it may."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from unit.voucher_values import (
    a_basket,
    a_campaign,
    eur,
    granted,
    presented,
    refused,
)

from edge.domain import (
    AmountOff,
    Gift,
    Line,
    PercentOff,
    Reason,
)

SHOE = Line(gtin="04006381333931", category="shoes", price=Decimal(80))
SOCK = Line(gtin="04006381333948", category="socks", price=Decimal(10), quantity=2)


def test_minimum_spend_and_scope_look_at_the_goods_that_count() -> None:
    campaign = a_campaign(minimum=eur(50), categories=("shoes",))
    assert refused(presented(campaign)).reason is Reason.NEEDS_BASKET
    socks = refused(presented(campaign, basket=a_basket(20, SOCK)))
    assert (socks.reason, socks.categories) == (Reason.OUT_OF_SCOPE, ("shoes",))
    cheap = replace(SHOE, price=Decimal(30))
    below = refused(presented(campaign, basket=a_basket(50, SOCK, cheap)))
    assert (below.reason, below.money) == (Reason.BELOW_MINIMUM, eur(50))
    assert granted(presented(campaign, basket=a_basket(100, SOCK, SHOE)))


def test_a_percentage_is_of_the_goods_that_count_and_rounded_to_the_cent() -> None:
    campaign = a_campaign(value=PercentOff(percent=Decimal(15)), products=(SHOE.gtin,))
    shoe = replace(SHOE, price=Decimal("79.90"))
    use = granted(presented(campaign, basket=a_basket("99.90", shoe, SOCK)))
    assert use.discount == eur("11.99")
    capped = a_campaign(value=PercentOff(percent=Decimal(15), at_most=eur(10)))
    assert granted(presented(capped, basket=a_basket(200))).discount == eur("10.00")


def test_nothing_costs_less_than_nothing() -> None:
    assert granted(presented(basket=a_basket(3))).discount == eur("3.00")
    given = presented(basket=a_basket(8), taken_off=Decimal(6), beside=())
    assert granted(given).discount == eur("2.00")


def test_a_gift_takes_off_the_price_of_one_piece() -> None:
    campaign = a_campaign(value=Gift(name="Socks", gtin=SOCK.gtin))
    assert granted(presented(campaign, basket=a_basket(20, SOCK))).discount == eur("10.00")
    assert granted(presented(campaign)).discount is None


def test_the_floor_holds_the_price_up() -> None:
    campaign = a_campaign(value=AmountOff(money=eur(50)), floor=eur(70))
    assert granted(presented(campaign, basket=a_basket(100))).discount == eur("30.00")
    refusal = refused(presented(campaign, basket=a_basket(70)))
    assert (refusal.reason, refusal.money) == (Reason.BELOW_FLOOR, eur(70))


def test_another_currency_is_refused() -> None:
    basket = replace(a_basket(20), total=replace(eur(20), currency="CNY"))
    assert refused(presented(basket=basket)).reason is Reason.OTHER_CURRENCY


@pytest.mark.parametrize(
    ("own", "other", "together"),
    [
        ({}, {}, False),
        ({"stacks": True}, {}, False),
        ({"stacks": True}, {"stacks": True}, True),
        (
            {"stacks": True, "exclusion_group": "x"},
            {"stacks": True, "exclusion_group": "x"},
            False,
        ),
        ({"stacks": True, "exclusion_group": "x"}, {"stacks": True, "exclusion_group": "y"}, True),
    ],
)
def test_vouchers_go_together_where_both_stack_and_no_group_excludes_them(
    own: dict[str, object], other: dict[str, object], together: bool
) -> None:
    beside = (a_campaign(id="other", **other),)
    given = presented(a_campaign(**own), basket=a_basket(20), beside=beside)
    if together:
        assert granted(given)
    else:
        assert refused(given).reason is Reason.NOT_COMBINABLE
