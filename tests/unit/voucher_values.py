"""Campaigns, vouchers and what is presented, with plain defaults that a test changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from edge.domain import (
    AmountOff,
    ArrivedBy,
    Basket,
    Campaign,
    IssuedVoucher,
    Line,
    MemberProof,
    Money,
    Redemption,
    Refusal,
    Voucher,
)
from edge.rules.issuing import voucher_of
from edge.rules.redemption import Presented, decide

STORE = "lyon-1"
PARIS = ZoneInfo("Europe/Paris")
HOLD = timedelta(minutes=10)
NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)


def eur(amount: str | int) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def a_campaign(**changes: Any) -> Campaign:
    """Five euros off, once, in one store, so that no lease is needed."""
    plain: dict[str, Any] = {
        "id": "cone",
        "name": "The cone",
        "value": AmountOff(money=eur(5)),
        "stores": (STORE,),
        "created_at": NOON,
    }
    return Campaign(**(plain | changes))


def an_issued(campaign: Campaign, **changes: Any) -> IssuedVoucher:
    plain: dict[str, Any] = {
        "id": "v1",
        "campaign_id": campaign.id,
        "code": "12345678",
        "issued_at": NOON,
    }
    return IssuedVoucher(**(plain | changes))


def a_voucher(campaign: Campaign, **changes: Any) -> Voucher:
    return replace(voucher_of(campaign, "v1", None), **changes)


def a_basket(total: str | int, *lines: Line, **changes: Any) -> Basket:
    plain: dict[str, Any] = {"id": "b1", "total": eur(total), "lines": lines}
    return Basket(**(plain | changes))


def proven(member_id: str = "anna", by: ArrivedBy = ArrivedBy.CODE) -> MemberProof:
    return MemberProof(member_id=member_id, by=by)


def presented(campaign: Campaign | None = None, **changes: Any) -> Presented:
    campaign = campaign or a_campaign()
    plain: dict[str, Any] = {
        "voucher": a_voucher(campaign),
        "campaign": campaign,
        "offline_cap": 0,
        "store_id": STORE,
        "now": NOON,
        "latest_at": changes.get("now", NOON),
        "tz": PARIS,
    }
    return Presented(**(plain | changes))


def granted(given: Presented) -> Redemption:
    decision = decide(given, hold=HOLD)
    assert isinstance(decision, Redemption), decision
    return decision


def refused(given: Presented) -> Refusal:
    decision = decide(given, hold=HOLD)
    assert isinstance(decision, Refusal), decision
    return decision
