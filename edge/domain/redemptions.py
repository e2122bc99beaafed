"""A voucher's uses: reserved, committed, released, reversed; or refused with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from edge.domain.visits import ArrivedBy
from edge.domain.vouchers import Money


class RedemptionState(StrEnum):
    """Where one use of a voucher stands. RESERVED and COMMITTED hold the use."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"
    REVERSED = "reversed"

    @property
    def holds(self) -> bool:
        """Whether the use is taken."""
        return self in (RedemptionState.RESERVED, RedemptionState.COMMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One use of a voucher.

    ``discount`` is None where the till works it out. ``lease_id`` is the lease that the use was
    taken from; None where the store alone decides, or where it went on the offline cap.
    ``unleased`` marks the latter until headquarters has it: another store may have redeemed the
    same. A reservation ends at ``expires_at``.
    """

    id: str
    voucher_id: str
    campaign_id: str
    member_id: str | None
    store_id: str
    basket_id: str | None
    discount: Money | None
    lease_id: str | None
    unleased: bool
    state: RedemptionState
    expires_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a redemption's life: who did it, on which device, under which request.

    ``request_id`` makes it happen once; ``content`` is the digest of what was asked for.
    """

    request_id: str
    content: str
    redemption_id: str
    state: RedemptionState
    actor: str
    device: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often something was used, and what was taken off; ``spent`` in one currency."""

    uses: int = 0
    spent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberProof:
    """Who holds the voucher, and how that is known. A face proves nothing here."""

    member_id: str
    by: ArrivedBy


class Reason(StrEnum):
    """Why a code is not redeemed."""

    NOT_A_VOUCHER = "not_a_voucher"
    FORGED = "forged"
    UNKNOWN_KEY = "unknown_key"
    KEY_REVOKED = "key_revoked"
    UNKNOWN_CODE = "unknown_code"
    MISTYPED = "mistyped"
    TOO_MANY_TRIES = "too_many_tries"
    REVOKED = "revoked"
    UNKNOWN_CAMPAIGN = "unknown_campaign"
    CAMPAIGN_ENDED = "campaign_ended"
    CLOCK_WENT_BACK = "clock_went_back"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    OUTSIDE_WINDOW = "outside_window"
    OTHER_STORE = "other_store"
    NEEDS_MEMBER = "needs_member"
    UNKNOWN_MEMBER = "unknown_member"
    OTHER_MEMBER = "other_member"
    CARD_FORGED = "card_forged"
    CARD_STALE = "card_stale"
    CARD_SHOWN_ELSEWHERE = "card_shown_elsewhere"
    CARD_WITHDRAWN = "card_withdrawn"
    USED_UP = "used_up"
    MEMBER_LIMIT = "member_limit"
    TOTAL_LIMIT = "total_limit"
    NEEDS_BASKET = "needs_basket"
    OTHER_CURRENCY = "other_currency"
    OUT_OF_SCOPE = "out_of_scope"
    BELOW_MINIMUM = "below_minimum"
    NOT_COMBINABLE = "not_combinable"
    BELOW_FLOOR = "below_floor"
    BUDGET_SPENT = "budget_spent"
    NO_LEASE = "no_lease"
    RESERVATION_ENDED = "reservation_ended"
    ALREADY_REDEEMED = "already_redeemed"
    NOT_REDEEMED = "not_redeemed"
    UNDO_OVER = "undo_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A "no" with its reason, and what would make it a "yes" as far as that is known.

    ``from_at`` is when it will hold, ``until_at`` when it held last. ``stores`` are where it
    holds, ``money`` the least spend or the floor, ``products`` and ``categories`` its scope.
    """

    reason: Reason
    from_at: datetime | None = None
    until_at: datetime | None = None
    stores: tuple[str, ...] = ()
    money: Money | None = None
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignUse:
    """A use of a voucher at another store, as headquarters told it."""

    id: str
    voucher_id: str
    campaign_id: str
    member_id: str | None
    store_id: str
    discount: Money | None
    state: RedemptionState
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleUse:
    """A voucher redeemed more often than granted, found when stores that were apart met.

    ``stores`` are all that hold uses of it.
    """

    voucher_id: str
    campaign_id: str
    granted: int
    stores: tuple[str, ...]
    redeemed: int
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A voucher was shown to a guide, who looked whether it holds."""

    voucher_id: str
    actor: str
    device: str
    at: datetime
