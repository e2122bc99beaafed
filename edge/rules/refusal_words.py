"""A refusal in the guide's words: what is the matter, and what would make the code hold.

English and Chinese stand side by side; whoever changes one changes the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from edge.domain import Language, Money, Reason, Refusal

_WORDS: Mapping[Reason, tuple[str, str]] = {
    Reason.NOT_A_VOUCHER: ("This is not a voucher", "这不是优惠券"),
    Reason.FORGED: (
        "This voucher was altered or made by someone else; do not accept it",
        "此券被改动或系伪造，请勿受理",
    ),
    Reason.UNKNOWN_KEY: (
        "Signed with a key that this shop does not know yet; try again once the line is back",
        "本店尚不认识该券的签名密钥；网络恢复后再试",
    ),
    Reason.KEY_REVOKED: (
        "The key of this voucher was revoked; do not accept it",
        "该券的签名密钥已吊销，请勿受理",
    ),
    Reason.UNKNOWN_CODE: ("No such code; check the digits", "没有这个码，请核对数字"),
    Reason.MISTYPED: (
        "A digit is wrong or two are swapped; read them out again",
        "有一位数字不对或两位颠倒，请重新核对",
    ),
    Reason.TOO_MANY_TRIES: (
        "Too many wrong codes; try again from {from_at}",
        "错误次数过多，请于 {from_at} 后再试",
    ),
    Reason.REVOKED: ("This voucher was withdrawn", "此券已作废"),
    Reason.UNKNOWN_CAMPAIGN: (
        "This shop has not heard of this campaign yet; try again once the line is back",
        "本店尚未收到该活动；网络恢复后再试",
    ),
    Reason.CAMPAIGN_ENDED: ("The campaign ended on {until_at}", "活动已于 {until_at} 结束"),
    Reason.CLOCK_WENT_BACK: (
        "The gateway's clock is wrong, it stands before {until_at}; a manager must see to it",
        "网关时钟有误：早于 {until_at}，请店长校准时间",
    ),
    Reason.NOT_YET_VALID: ("Valid from {from_at}", "尚未生效，{from_at} 起可用"),
    Reason.EXPIRED: ("Was valid until {until_at}", "已于 {until_at} 过期"),
    Reason.OUTSIDE_WINDOW: ("Valid daily, next from {from_at}", "{from_at} 起可用（每日限时）"),
    Reason.OTHER_STORE: ("Valid in {stores}", "仅限门店 {stores} 使用"),
    Reason.NEEDS_MEMBER: (
        "Needs the member's card or phone number",
        "需要会员出示会员卡或报手机号",
    ),
    Reason.UNKNOWN_MEMBER: (
        "No member has this card or number; check it",
        "没有会员使用此卡号或手机号，请核对",
    ),
    Reason.OTHER_MEMBER: ("Belongs to another member", "此券属于其他会员"),
    Reason.CARD_FORGED: (
        "This card was not made by us; do not accept it",
        "此会员卡并非本店签发，请勿受理",
    ),
    Reason.CARD_STALE: (
        "This is an old picture of the card, or the phone's clock is wrong; open the card anew",
        "会员卡画面已过期或手机时间不准，请重新打开会员卡",
    ),
    Reason.CARD_SHOWN_ELSEWHERE: (
        "This card was just shown to somebody else; wait for its next code",
        "此会员码刚在别处出示过，请等待下一个码",
    ),
    Reason.CARD_WITHDRAWN: (
        "This printed card was replaced; ask for the new one",
        "此实体卡已作废，请出示新卡",
    ),
    Reason.USED_UP: ("Used already", "已使用"),
    Reason.MEMBER_LIMIT: (
        "This member has had all that the campaign gives one person",
        "该会员已达到活动的每人上限",
    ),
    Reason.TOTAL_LIMIT: ("The campaign has given all it had", "活动名额已用完"),
    Reason.NEEDS_BASKET: ("Depends on the purchase{scope}{money}", "须结合购物金额{scope}{money}"),
    Reason.OTHER_CURRENCY: ("Is in another currency", "币种不符"),
    Reason.OUT_OF_SCOPE: ("Not for these goods{scope}", "不适用于这些商品{scope}"),
    Reason.BELOW_MINIMUM: ("Needs a purchase{scope}{money}", "未达到消费门槛{scope}{money}"),
    Reason.NOT_COMBINABLE: (
        "Cannot go with another voucher on this purchase",
        "不能与本单其他优惠券同时使用",
    ),
    Reason.BELOW_FLOOR: (
        "The price may not fall any lower{money}",
        "价格已不能再低{money}",
    ),
    Reason.BUDGET_SPENT: ("The campaign's budget is spent", "活动预算已用完"),
    Reason.NO_LEASE: (
        "This shop has given away all it may without headquarters; try again once the line is back",
        "本店离线可兑额度已用完；与总部恢复连接后再试",
    ),
    Reason.RESERVATION_ENDED: (
        "The reservation ended; scan the code again",
        "预留已结束，请重新扫码",
    ),
    Reason.ALREADY_REDEEMED: (
        "Redeemed already; undo it instead",
        "已核销，如需取消请撤销",
    ),
    Reason.NOT_REDEEMED: ("Was not redeemed, so there is nothing to undo", "尚未核销，无需撤销"),
    Reason.UNDO_OVER: (
        "Undo was open until {until_at}; ask a manager",
        "撤销时限为 {until_at}，请找店长处理",
    ),
}
_SCOPE = {Language.ENGLISH: ": only {}", Language.CHINESE: "：仅限 {}"}
_MONEY = {Language.ENGLISH: ", at least {}", Language.CHINESE: "，至少 {}"}


def words(refusal: Refusal, language: Language, *, now: datetime, tz: ZoneInfo) -> str:
    """One sentence without its full stop, with times on the store's clock."""
    english, chinese = _WORDS[refusal.reason]
    scope = ", ".join((*refusal.categories, *refusal.products))
    return (chinese if language is Language.CHINESE else english).format(
        from_at=_time(refusal.from_at, now, tz),
        until_at=_time(refusal.until_at, now, tz),
        stores=", ".join(refusal.stores),
        scope=_SCOPE[language].format(scope) if scope else "",
        money=_MONEY[language].format(_money(refusal.money)) if refusal.money else "",
    )


def _time(at: datetime | None, now: datetime, tz: ZoneInfo) -> str:
    """``22:00`` on the same day, else with its date."""
    if at is None:
        return ""
    local = at.astimezone(tz)
    same_day = local.date() == now.astimezone(tz).date()
    return f"{local:%H:%M}" if same_day else f"{local:%Y-%m-%d %H:%M}"


def _money(money: Money) -> str:
    return f"{money.currency} {money.amount:f}"
