"""What a code is, and what has become of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edge.domain import (
    Campaign,
    ForeignUse,
    IssuedVoucher,
    Reason,
    Redemption,
    Refusal,
    Showing,
    Step,
    Voucher,
)
from edge.rules import digits
from edge.rules.issuing import issued_in, voucher_of
from edge.rules.voucher_code import decode, looks_signed
from edge.store import Reader

SHOWINGS = 100
_BATCH_DIGITS = 24
_OF_BATCH = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A redemption with its steps, in their order."""

    redemption: Redemption
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A voucher's life as far as this store knows it.

    ``issued`` is None where it was issued elsewhere, ``campaign`` where that is not known yet.
    """

    voucher_id: str
    issued: IssuedVoucher | None
    campaign: Campaign | None
    showings: tuple[Showing, ...]
    uses: tuple[Use, ...]
    elsewhere: tuple[ForeignUse, ...]


def find_voucher(reader: Reader, text: str) -> Voucher | Refusal:
    """What a scanned or typed text says, once it is known to be true."""
    code = text.strip()
    if looks_signed(code):
        signed = decode(code, reader.code_keys.public())
        return signed if isinstance(signed, Voucher) else Refusal(reason=signed)
    issued = reader.vouchers.by_code(code) or _by_digits(reader, code)
    if isinstance(issued, Reason):
        return Refusal(reason=issued)
    campaign = reader.vouchers.campaign(issued.campaign_id)
    if campaign is None:
        return Refusal(reason=Reason.UNKNOWN_CODE)
    return voucher_of(campaign, issued.id, issued.member_id)


def _by_digits(reader: Reader, text: str) -> IssuedVoucher | Reason:
    typed = digits.plain(text)
    if typed is None:
        return Reason.UNKNOWN_CODE
    if not digits.holds(typed):
        return Reason.MISTYPED
    number = digits.Digits(reader.code_keys.digits()).number(typed)
    batch = reader.vouchers.batch_of_number(number)
    if batch is None:
        return Reason.UNKNOWN_CODE
    voucher_id = batch.voucher_id(number - batch.first_number)
    return reader.vouchers.issued(voucher_id) or issued_in(batch, voucher_id)


def batch_id_of(voucher_id: str) -> str:
    """The batch that a voucher is of, if it is of any."""
    return voucher_id[:_BATCH_DIGITS]


def issued_of(reader: Reader, voucher_id: str) -> IssuedVoucher | None:
    """A voucher of these books: by its row, or by the batch that it was issued in."""
    row = reader.vouchers.issued(voucher_id)
    if row is not None or not _OF_BATCH.fullmatch(voucher_id):
        return row
    batch = reader.vouchers.batch(batch_id_of(voucher_id))
    if batch is None or int(voucher_id[_BATCH_DIGITS:], 16) >= batch.count:
        return None
    return issued_in(batch, voucher_id)


def life_of(reader: Reader, voucher_id: str) -> Life | None:
    """All that is known of a voucher, or None for one that nobody here has heard of."""
    issued = issued_of(reader, voucher_id)
    redemptions = reader.redemptions.of_voucher(voucher_id)
    showings = reader.redemptions.showings(voucher_id, SHOWINGS)
    elsewhere = tuple(reader.redemptions.foreign_of(voucher_id))
    campaigns = {use.campaign_id for use in (issued, *redemptions) if use is not None}
    campaigns |= {use.campaign_id for use in elsewhere}
    if not campaigns and not showings:
        return None
    return Life(
        voucher_id=voucher_id,
        issued=issued,
        campaign=reader.vouchers.campaign(campaigns.pop()) if campaigns else None,
        showings=tuple(reversed(showings)),
        uses=tuple(
            Use(redemption=use, steps=tuple(reader.redemptions.steps(use.id)))
            for use in redemptions
        ),
        elsewhere=elsewhere,
    )
