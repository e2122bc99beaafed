"""Vouchers and their redemption, as phones see them."""

from __future__ import annotations

from datetime import datetime

from edge.clienteling_api.wire.body import Response
from edge.domain import (
    Holder,
    Money,
    Redemption,
    Refusal,
    Value,
    Window,
)


class VoucherView(Response, frozen=True, kw_only=True):
    """What a code that is one of ours says. ``campaign`` is the name people know it by."""

    id: str
    campaign_id: str
    campaign: str
    value: Value
    holder: Holder
    valid_from: datetime | None
    valid_until: datetime | None
    window: Window | None
    uses: int


class Verdict(Response, frozen=True, kw_only=True):
    """Whether a voucher holds, for a glance: ``valid``, and ``message`` in the guide's words.

    ``discount`` is what it takes off; null where it is refused, or where the till works it out.
    ``redemption`` is what was done, null where nothing was. ``undo_until`` is how long a guide
    may reverse it.
    """

    valid: bool
    message: str
    refusal: Refusal | None
    voucher: VoucherView | None
    discount: Money | None
    redemption: Redemption | None
    undo_until: datetime | None


class LifeEvent(Response, frozen=True, kw_only=True):
    """``what``: issued, shown, reserved, committed, released, expired or reversed."""

    what: str
    at: datetime
    by: str
    device: str
    store_id: str
    redemption_id: str | None
    discount: Money | None


class VoucherLife(Response, frozen=True, kw_only=True):
    """A voucher's life on one page, in the order of its events."""

    voucher_id: str
    campaign_id: str | None
    campaign: str
    channel: str
    events: list[LifeEvent]


class DoubleUseView(Response, frozen=True, kw_only=True):
    """A voucher redeemed more often than granted while stores were apart."""

    voucher_id: str
    campaign_id: str
    granted: int
    redeemed: int
    stores: tuple[str, ...]
    found_at: datetime


class DoubleUseList(Response, frozen=True, kw_only=True):
    double_uses: list[DoubleUseView]
