"""One example of each message, as ``docs/headquarters.md`` shows them.

``python -m edge.contract.examples`` prints them as Markdown.
"""

from __future__ import annotations

import inspect
import sys
from datetime import UTC, datetime, timedelta
from typing import TypedDict

import msgspec

from edge.contract.down import (
    CampaignKnown,
    ConfigurationKnown,
    LeaseGranted,
    MemberErased,
    MemberKnown,
    MemberMerged,
    MemberWithdrawn,
    ProductKnown,
    PurchaseMade,
    ReleaseWanted,
    Revoked,
    VoucherKeyKnown,
)
from edge.contract.fields import BaseMessage
from edge.contract.profile import Profile, Size, Stamp
from edge.contract.terms import AmountOff, Price, Setting, Terms, Variant
from edge.contract.up import (
    ConsentGiven,
    ConsentWithdrawn,
    DeletionProven,
    ErasureProven,
    MemberChanged,
    RedemptionChanged,
    ReleaseTold,
    SaleLine,
    SaleMade,
    VisitAnswered,
    VisitClosed,
    VisitOpened,
)
from edge.domain import ArrivedBy, Claim, Garment, Language, RedemptionState, SizeSystem
from edge.domain.updates import Outcome

_AT = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)
_MEMBER = "3f0c1b5e9d7a4c62"
_CONSENT = "c41d8b77a0e9453f"


class _Envelope(TypedDict):
    message_id: str
    store_id: str
    at: datetime


def _from(store_id: str, number: int) -> _Envelope:
    return _Envelope(message_id=f"m-{number:04}", store_id=store_id, at=_AT)


UP: tuple[BaseMessage, ...] = (
    VisitOpened(visit_id="v-1", member_id=_MEMBER, arrived_by=ArrivedBy.FACE, **_from("lyon-1", 1)),
    VisitAnswered(visit_id="v-1", member_id=_MEMBER, claim=Claim.CONFIRMED, **_from("lyon-1", 2)),
    VisitClosed(visit_id="v-1", member_id=_MEMBER, **_from("lyon-1", 3)),
    ConsentGiven(
        consent_id=_CONSENT,
        member_id=_MEMBER,
        notice_version="2026-01",
        language=Language.CHINESE,
        receipt='{"consent_id":"c41d8b77a0e9453f"}',
        signature="bm90IGEgcmVhbCBvbmU",
        **_from("lyon-1", 4),
    ),
    ConsentWithdrawn(consent_id=_CONSENT, member_id=_MEMBER, **_from("lyon-1", 5)),
    DeletionProven(
        consent_id=_CONSENT,
        member_id=_MEMBER,
        audit_sequence=812,
        audit_hash="9b74c9897bac770ffc029102a200c5de",
        signature="bm90IGEgcmVhbCBvbmU",
        **_from("lyon-1", 6),
    ),
    MemberChanged(
        member_id=_MEMBER,
        profile=Profile(
            name="Ana", sizes=(Size(garment=Garment.SHOE, system=SizeSystem.EU, value="42"),)
        ),
        joined_at=_AT,
        **_from("lyon-1", 7),
    ),
    RedemptionChanged(
        redemption_id="r-1",
        voucher_id="w-1",
        campaign_id="spring",
        state=RedemptionState.COMMITTED,
        discount="20.00",
        currency="EUR",
        **_from("lyon-1", 8),
    ),
    SaleMade(
        sale_id="6c1f0a4be2d84b7d9d3b6a5f1e0c2d43",
        amount="189.00",
        currency="EUR",
        sold_at=_AT,
        member_id=_MEMBER,
        lines=(SaleLine(item="Oxford, black", category="shoes", quantity="1", amount="189.00"),),
        **_from("lyon-1", 13),
    ),
    ErasureProven(
        member_id=_MEMBER,
        audit_sequence=813,
        audit_hash="9b74c9897bac770ffc029102a200c5de",
        signature="bm90IGEgcmVhbCBvbmU",
        **_from("lyon-1", 18),
    ),
    ReleaseTold(release="1.4.0", tried="1.4.0", outcome=Outcome.UPDATED, **_from("lyon-1", 21)),
)
DOWN: tuple[BaseMessage, ...] = (
    MemberWithdrawn(member_id=_MEMBER, consent_id=_CONSENT, **_from("lyon-1", 5)),
    MemberKnown(
        member_id=_MEMBER,
        joined_at=_AT,
        profile=Profile(name="Ana"),
        stamps=(Stamp(field="name", at=_AT, by="lyon-1"),),
        **_from("headquarters", 9),
    ),
    PurchaseMade(
        purchase_id="p-1",
        member_id=_MEMBER,
        item="Oxford, black",
        category="shoes",
        amount="189.00",
        currency="EUR",
        bought_at=_AT,
        **_from("headquarters", 10),
    ),
    LeaseGranted(
        lease_id="l-1",
        campaign_id="spring",
        uses=50,
        expires_at=_AT + timedelta(days=1),
        **_from("headquarters", 11),
    ),
    Revoked(kind="voucher", subject_id="w-1", **_from("headquarters", 12)),
    ProductKnown(
        product_id="oxford",
        name="Oxford, black",
        category="shoes",
        price=Price(amount="189.00", currency="EUR"),
        variants=(
            Variant(
                gtin="04006381333931",
                sizes=(Size(garment=Garment.SHOE, system=SizeSystem.EU, value="42"),),
            ),
        ),
        **_from("headquarters", 14),
    ),
    CampaignKnown(
        campaign_id="spring",
        terms=Terms(
            name="Spring",
            value=AmountOff(money=Price(amount="20.00", currency="EUR")),
            total=500,
            minimum=Price(amount="100.00", currency="EUR"),
        ),
        created_at=_AT,
        **_from("headquarters", 15),
    ),
    VoucherKeyKnown(
        key_id="9f2c1e07",
        public="11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        **_from("headquarters", 16),
    ),
    ConfigurationKnown(
        settings=(Setting(key="visit.absence_s", value="1800"),), **_from("headquarters", 17)
    ),
    MemberMerged(member_id="77c0a2d19e5b4f38", survivor_id=_MEMBER, **_from("headquarters", 19)),
    MemberErased(member_id=_MEMBER, **_from("headquarters", 20)),
    ReleaseWanted(release="1.4.0", **_from("headquarters", 22)),
)


def markdown() -> str:
    """Every message with what it says and how it looks."""
    parts = []
    for title, messages in (("Up", UP), ("Down", DOWN)):
        parts.append(f"### {title}\n")
        for message in messages:
            about = inspect.getdoc(type(message))
            plain = msgspec.json.format(msgspec.json.encode(message), indent=2).decode()
            parts.append(f"**{type(message).__name__}.** {about}\n\n```json\n{plain}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(markdown())
