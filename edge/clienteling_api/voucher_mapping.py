"""From vouchers and redemptions to what phones see, and from what they send to an offer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UnsetType

from edge import domain
from edge.clienteling_api import wire
from edge.clienteling_api.voucher_requests import BasketRequest, CheckRequest
from edge.config import StoreConfig
from edge.flows.presenting import Offer
from edge.flows.redemptions import Verdict
from edge.flows.vouchers import Life
from edge.rules.redemption import UNDO
from edge.rules.refusal_words import words

_DONE: Mapping[domain.RedemptionState, tuple[str, str]] = {
    domain.RedemptionState.RESERVED: ("Reserved", "已预留"),
    domain.RedemptionState.COMMITTED: ("Redeemed", "已核销"),
    domain.RedemptionState.RELEASED: ("Given back", "已退回"),
    domain.RedemptionState.EXPIRED: ("Given back", "已退回"),
    domain.RedemptionState.REVERSED: ("Undone", "已撤销"),
}
_VALID = ("Valid", "有效")


def offer(body: CheckRequest) -> Offer:
    """What the guide holds in hand."""
    member = None if isinstance(body.member, UnsetType) else body.member
    value = {member.by: member.value} if member else {}
    return Offer(
        code=body.code,
        member_code=value.get("code"),
        member_phone=value.get("phone"),
        visit_id=value.get("visit"),
        basket=None if isinstance(body.basket, UnsetType) else basket(body.basket),
    )


def verdict(
    found: Verdict,
    shop: StoreConfig,
    language: domain.Language | UnsetType,
    *,
    now: datetime,
    done: bool,
) -> wire.Verdict:
    """``done`` says that the redemption was made; else it is what redeeming would give."""
    spoken = shop.language if isinstance(language, UnsetType) else language
    use = found.redemption
    undoable = done and use is not None and use.state is domain.RedemptionState.COMMITTED
    return wire.Verdict(
        valid=found.refusal is None,
        message=_message(found, spoken, shop, now, done=done),
        refusal=found.refusal,
        voucher=_voucher(found) if found.voucher else None,
        discount=use.discount if use else None,
        redemption=use if done else None,
        undo_until=use.changed_at + UNDO if use is not None and undoable else None,
    )


def life(found: Life, store_id: str) -> wire.VoucherLife:
    return wire.VoucherLife(
        voucher_id=found.voucher_id,
        campaign_id=found.campaign.id if found.campaign else None,
        campaign=found.campaign.name if found.campaign else "",
        channel=found.issued.channel if found.issued else "",
        events=sorted(_events(found, store_id), key=lambda event: event.at),
    )


def double_uses(found: Sequence[domain.DoubleUse]) -> wire.DoubleUseList:
    return wire.DoubleUseList(
        double_uses=[
            msgspec.convert(double, wire.DoubleUseView, from_attributes=True) for double in found
        ]
    )


def _message(
    found: Verdict, language: domain.Language, shop: StoreConfig, now: datetime, *, done: bool
) -> str:
    if found.refusal is not None:
        return words(found.refusal, language, now=now, tz=ZoneInfo(shop.timezone))
    pair = _DONE[found.redemption.state] if done and found.redemption else _VALID
    return pair[language is domain.Language.CHINESE]


def _voucher(found: Verdict) -> wire.VoucherView | None:
    voucher = found.voucher
    if voucher is None:
        return None
    return wire.VoucherView(
        id=voucher.id,
        campaign_id=voucher.campaign_id,
        campaign=found.campaign.name if found.campaign else "",
        value=voucher.value,
        holder=domain.Holder.MEMBER if voucher.member_id else domain.Holder.BEARER,
        valid_from=voucher.valid_from,
        valid_until=voucher.valid_until,
        window=voucher.window,
        uses=voucher.uses,
    )


def _events(found: Life, store_id: str) -> Iterator[wire.LifeEvent]:
    if found.issued is not None:
        yield _event("issued", found.issued.issued_at)
    for showing in found.showings:
        yield _event("shown", showing.at, showing.actor, showing.device, store_id=store_id)
    for use in found.uses:
        for step in use.steps:
            yield _event(step.state.value, step.at, step.actor, step.device, use=use.redemption)
    for other in found.elsewhere:
        yield _event(other.state.value, other.at, use=other)


def _event(
    what: str,
    at: datetime,
    by: str = "",
    device: str = "",
    *,
    store_id: str = "",
    use: domain.Redemption | domain.ForeignUse | None = None,
) -> wire.LifeEvent:
    return wire.LifeEvent(
        what=what,
        at=at,
        by=by,
        device=device,
        store_id=use.store_id if use else store_id,
        redemption_id=use.id if use else None,
        discount=use.discount if use else None,
    )


def basket(body: BasketRequest) -> domain.Basket:
    """What is being paid for."""
    return domain.Basket(
        id=body.id,
        total=domain.Money(amount=Decimal(body.total), currency=body.currency),
        lines=tuple(
            domain.Line(
                gtin=line.gtin,
                category=line.category,
                price=Decimal(line.price),
                quantity=Decimal(line.quantity),
            )
            for line in body.lines
        ),
    )
