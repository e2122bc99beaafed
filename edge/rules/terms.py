"""A campaign's terms in plain words, for the customer who holds the voucher.

English and Chinese stand side by side; whoever changes one changes the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from edge.domain import AmountOff, Campaign, Gift, Holder, Language, Money, PercentOff, Value


def headline(value: Value, language: Language) -> str:
    """What the voucher is worth, in the largest letters."""
    chinese = language is Language.CHINESE
    match value:
        case AmountOff(money=money):
            return f"立减 {_money(money)}" if chinese else f"{_money(money)} off"
        case PercentOff(percent=percent):
            share = _number(percent)
            return f"优惠 {share}%" if chinese else f"{share} % off"
        case Gift(name=name):
            return f"赠：{name}" if chinese else f"Free: {name}"


def terms(campaign: Campaign, language: Language, tz: ZoneInfo) -> list[str]:
    """The conditions, one sentence each, with times on the store's clock."""
    return [
        pair[language is Language.CHINESE]
        for pair in (
            *_when(campaign, tz),
            *_where(campaign),
            *_who(campaign),
            *_what(campaign),
        )
    ]


def _when(campaign: Campaign, tz: ZoneInfo) -> Iterator[tuple[str, str]]:
    begins, ends, window = campaign.valid_from, campaign.valid_until, campaign.window
    if begins and ends:
        yield (
            f"Valid from {_day(begins, tz)} to {_last_day(ends, tz)}",
            f"有效期：{_day(begins, tz)} 至 {_last_day(ends, tz)}",
        )
    elif begins:
        yield f"Valid from {_day(begins, tz)}", f"自 {_day(begins, tz)} 起有效"
    elif ends:
        yield f"Valid to {_last_day(ends, tz)}", f"有效期至 {_last_day(ends, tz)}"
    if window and window.opens != window.closes:
        hours = f"{window.opens:%H:%M} – {window.closes:%H:%M}"
        yield f"Daily {hours}", f"每日 {hours}"


def _where(campaign: Campaign) -> Iterator[tuple[str, str]]:
    if campaign.stores:
        stores = ", ".join(campaign.stores)
        yield f"Stores: {stores}", f"适用门店：{stores}"


def _who(campaign: Campaign) -> Iterator[tuple[str, str]]:
    if campaign.holder is Holder.MEMBER:
        yield "For one member, with their card", "仅限会员本人，凭会员卡使用"
    elif campaign.per_member is not None:
        times = campaign.per_member
        yield (
            f"With a member's card, {times} for each member at most",
            f"凭会员卡使用，每位会员最多 {times} 次",
        )
    if campaign.uses > 1:
        yield f"Good for {campaign.uses} uses", f"可使用 {campaign.uses} 次"


def _what(campaign: Campaign) -> Iterator[tuple[str, str]]:
    if isinstance(campaign.value, PercentOff) and campaign.value.at_most:
        most = _money(campaign.value.at_most)
        yield f"At most {most} off", f"最多优惠 {most}"
    if campaign.categories:
        scope = ", ".join(campaign.categories)
        yield f"Only for: {scope}", f"仅限：{scope}"
    if campaign.products:
        yield "Only for selected products", "仅限指定商品"
    if campaign.minimum:
        least = _money(campaign.minimum)
        yield f"From a purchase of {least}", f"消费满 {least} 可用"
    if campaign.floor:
        floor = _money(campaign.floor)
        yield f"At least {floor} remain to be paid", f"优惠后实付不低于 {floor}"
    if not campaign.stacks:
        yield "Not together with other vouchers", "不与其他优惠券同享"


def _day(at: datetime, tz: ZoneInfo) -> str:
    """The day, with its time where that is not midnight."""
    local = at.astimezone(tz)
    return f"{local:%Y-%m-%d}" if f"{local:%H%M}" == "0000" else f"{local:%Y-%m-%d %H:%M}"


def _last_day(until: datetime, tz: ZoneInfo) -> str:
    """``until`` is out: midnight is the end of the day before."""
    midnight = f"{until.astimezone(tz):%H%M%S}" == "000000"
    return _day(until - timedelta(days=1) if midnight else until, tz)


def _money(money: Money) -> str:
    return f"{money.currency} {_number(money.amount)}"


def _number(number: Decimal) -> str:
    """Without places that say nothing: 5, but 5.50."""
    return f"{number:f}" if number % 1 else f"{int(number)}"
