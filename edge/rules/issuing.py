"""The codes of a batch: the same ones each time they are asked for, in any order, in any part."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.domain import Batch, Campaign, Holder, IssuedVoucher, Voucher
from edge.rules.digits import Digits
from edge.rules.voucher_code import encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """All that a batch's codes follow from. Holds a private key: it goes nowhere but to the
    processes that make the codes.

    ``members`` are the holders by index; empty where the vouchers are the bearer's.
    """

    batch: Batch
    campaign: Campaign
    private: bytes = field(repr=False)
    digits_key: bytes = field(repr=False)
    members: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One voucher as it is given out: ``text`` for a QR code, ``digits`` for reading out."""

    voucher_id: str
    text: str
    digits: str
    member_id: str | None


def codes(press: Press, start: int, stop: int) -> Iterator[Code]:
    """Those from index ``start`` to ``stop``, which is out. Raises ``CannotSign``."""
    key = Ed25519PrivateKey.from_private_bytes(press.private)
    digits, batch = Digits(press.digits_key), press.batch
    for index in range(start, stop):
        voucher_id, member_id = batch.voucher_id(index), press.members.get(index)
        voucher = voucher_of(press.campaign, voucher_id, member_id)
        yield Code(
            voucher_id=voucher_id,
            text=encode(voucher, key, batch.key_id),
            digits=digits.of(batch.first_number + index),
            member_id=member_id,
        )


def demand_room(campaign: Campaign) -> None:
    """Raises ``CannotSign`` where the campaign's longest voucher would not fit its QR code."""
    member_id = secrets.token_hex(16) if campaign.holder is Holder.MEMBER else None
    voucher = voucher_of(campaign, secrets.token_hex(16), member_id)
    encode(voucher, Ed25519PrivateKey.generate(), "00000000")


def voucher_of(campaign: Campaign, voucher_id: str, member_id: str | None) -> Voucher:
    """A voucher with the terms of its campaign."""
    return Voucher(
        id=voucher_id,
        campaign_id=campaign.id,
        value=campaign.value,
        member_id=member_id,
        valid_from=campaign.valid_from,
        valid_until=campaign.valid_until,
        stores=campaign.stores,
        window=campaign.window,
        uses=campaign.uses,
    )


def issued_in(batch: Batch, voucher_id: str) -> IssuedVoucher:
    """A voucher of a batch as an entry of its own in the books."""
    return IssuedVoucher(
        id=voucher_id,
        campaign_id=batch.campaign_id,
        channel=batch.channel,
        key_id=batch.key_id,
        issued_at=batch.issued_at,
    )
