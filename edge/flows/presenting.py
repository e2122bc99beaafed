"""A voucher as a guide presents it, with all that the decision looks at, read in one snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from edge.domain import (
    ArrivedBy,
    Basket,
    Member,
    MemberProof,
    Reason,
    Refusal,
    Tally,
    Voucher,
)
from edge.flows.vouchers import find_voucher
from edge.rules import clock
from edge.rules.profile import normalise_phone
from edge.rules.redemption import LeaseUse, Presented, Used
from edge.store import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a guide holds in hand: the code, and perhaps a member and a basket.

    The member is proven by their code or phone number, or by the visit that one of these opened.
    """

    code: str
    member_code: str | None = None
    member_phone: str | None = None
    visit_id: str | None = None
    basket: Basket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the decision knows of the store itself."""

    store_id: str
    tz: ZoneInfo
    offline_cap: int


FindByCode = Callable[[str], Member | Refusal]


def present(
    reader: Reader, offer: Offer, place: Place, now: datetime, by_code: FindByCode
) -> Presented | Refusal:
    """All that ``rules.redemption.decide`` asks for, or why there is nothing to decide.

    ``by_code`` finds the member of a card.
    """
    voucher = find_voucher(reader, offer.code)
    if isinstance(voucher, Refusal):
        return voucher
    proof = _proof(reader, offer, by_code)
    if isinstance(proof, Refusal):
        return proof
    held = reader.redemptions.on_basket(offer.basket.id) if offer.basket else []
    beside = [reader.vouchers.campaign(use.campaign_id) for use in held]
    return Presented(
        voucher=voucher,
        campaign=reader.vouchers.campaign(voucher.campaign_id),
        revoked=_revoked(reader, voucher),
        proof=proof,
        basket=offer.basket,
        beside=[campaign for campaign in beside if campaign is not None],
        taken_off=sum((use.discount.amount for use in held if use.discount), Decimal(0)),
        used=_used(reader, voucher, proof),
        leases=[
            LeaseUse(lease=lease, taken=reader.redemptions.tally("lease", lease.id))
            for lease in reader.vouchers.leases(voucher.campaign_id, voucher.id)
        ],
        offline_cap=place.offline_cap,
        store_id=place.store_id,
        now=now,
        latest_at=clock.passed(reader.redemptions.latest_at()),
        tz=place.tz,
    )


def _used(reader: Reader, voucher: Voucher, proof: MemberProof | None) -> Used:
    tally, campaign_id = reader.redemptions.tally, voucher.campaign_id
    return Used(
        voucher=tally("voucher", voucher.id),
        member=tally("member", campaign_id, proof.member_id) if proof else Tally(),
        campaign=tally("campaign", campaign_id),
        unleased=tally("unleased", campaign_id),
    )


def _revoked(reader: Reader, voucher: Voucher) -> Reason | None:
    if reader.vouchers.revoked_at("voucher", voucher.id):
        return Reason.REVOKED
    if voucher.key_id and reader.vouchers.revoked_at("key", voucher.key_id):
        return Reason.KEY_REVOKED
    return None


def _proof(reader: Reader, offer: Offer, by_code: FindByCode) -> MemberProof | Refusal | None:
    """Who the member is and how that is known, which the rules judge."""
    if offer.member_code is not None:
        found = by_code(offer.member_code)
        return found if isinstance(found, Refusal) else _known(found, ArrivedBy.CODE)
    if offer.member_phone is not None:
        number = normalise_phone(offer.member_phone)
        return _known(reader.members.by_phone(number) if number else None, ArrivedBy.PHONE)
    if offer.visit_id is not None:
        visit = reader.visits.get(offer.visit_id)
        if visit is None or not visit.open:
            return Refusal(reason=Reason.UNKNOWN_MEMBER)
        return MemberProof(member_id=visit.member_id, by=visit.arrived_by)
    return None


def _known(member: Member | None, by: ArrivedBy) -> MemberProof | Refusal:
    if member is None:
        return Refusal(reason=Reason.UNKNOWN_MEMBER)
    return MemberProof(member_id=member.id, by=by)
