"""What a code is, and what has become of it."""

from __future__ import annotations

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
from edge.store import Reader

SHOWINGS = 100


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
    issued = reader.vouchers.by_code(text.strip())
    campaign = reader.vouchers.campaign(issued.campaign_id) if issued else None
    if issued is None or campaign is None:
        return Refusal(reason=Reason.UNKNOWN_CODE)
    return voucher_of(issued, campaign)


def voucher_of(issued: IssuedVoucher, campaign: Campaign) -> Voucher:
    """A voucher with the terms of its campaign."""
    return Voucher(
        id=issued.id,
        campaign_id=campaign.id,
        value=campaign.value,
        member_id=issued.member_id,
        valid_from=campaign.valid_from,
        valid_until=campaign.valid_until,
        stores=campaign.stores,
        window=campaign.window,
        uses=campaign.uses,
    )


def life_of(reader: Reader, voucher_id: str) -> Life | None:
    """All that is known of a voucher, or None for one that nobody here has heard of."""
    issued = reader.vouchers.issued(voucher_id)
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
