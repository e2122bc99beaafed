"""Campaigns, and the vouchers that are issued under them.

A voucher says by itself what it is worth, where and when; the campaign holds the rules that
need a memory (limits, budget) or the basket (minimum spend, scope, stacking).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in one currency (ISO 4217)."""

    amount: Decimal
    currency: str


class AmountOff(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="amount"):
    """So much less to pay."""

    money: Money


class PercentOff(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="percent"):
    """A share less to pay: above 0, at most 100; never more than ``at_most`` where given."""

    percent: Decimal
    at_most: Money | None = None


class Gift(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="gift"):
    """One piece of a product for nothing. ``gtin`` has 14 digits; empty where it has none."""

    name: str
    gtin: str = ""


Value = AmountOff | PercentOff | Gift
"""What a voucher is worth: structs instead of dataclasses, because they tell themselves apart
in the database and on the wire."""


class Holder(StrEnum):
    """Who may redeem: the member it was issued to, or whoever brings it."""

    MEMBER = "member"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of each day in which a voucher holds, by the clock on the store's wall.

    ``opens`` is in, ``closes`` is out. Where ``closes`` is not after ``opens`` it is on the next
    day, so that ``22:00`` to ``04:00`` is a night and equal times are a whole day.
    """

    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What marketing set out to do, and the rules of every voucher issued for it.

    ``stores`` and the scopes ``products`` (GTIN-14) and ``categories`` are open to all where
    empty. A limit that is None does not limit. ``per_member`` and ``total`` count uses of all
    vouchers of the campaign, ``budget`` what they took off.

    Stacking: at most one voucher of each ``exclusion_group`` goes on a basket, and one whose
    campaign does not ``stack`` goes on it alone. ``floor`` is the least that a basket costs after
    its vouchers.
    ``offline_cap`` is how often one store may redeem without a lease; None takes the
    configured one.
    """

    id: str
    name: str
    value: Value
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    stores: tuple[str, ...] = ()
    window: Window | None = None
    uses: int = 1
    holder: Holder = Holder.BEARER
    per_member: int | None = None
    total: int | None = None
    budget: Money | None = None
    minimum: Money | None = None
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    exclusion_group: str = ""
    stacks: bool = False
    floor: Money | None = None
    offline_cap: int | None = None
    created_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """What a code says, once it is known to be true.

    ``member_id`` is None for whoever bears it. ``key_id`` names the key that signed it; empty
    for one that was found by its digits, which the store vouches for.
    """

    id: str
    campaign_id: str
    value: Value
    member_id: str | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    stores: tuple[str, ...] = ()
    window: Window | None = None
    uses: int = 1
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedVoucher:
    """A voucher in the books of whoever issued it; its terms are its campaign's.

    ``code`` is what a person can type: digits with their check digits, or an exclusive code
    that marketing chose. ``channel`` says where it was given out.
    """

    id: str
    campaign_id: str
    code: str | None = None
    member_id: str | None = None
    channel: str = ""
    key_id: str = ""
    issued_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Vouchers issued together: all that is stored of them until one is used.

    Its vouchers have the running numbers from ``first_number`` on, ``count`` of them; the
    number of one says its id and its digits, and ``key_id`` names the key that signs it. ``id``
    has 24 hexadecimal digits. ``written_at`` is None until their codes are in a file.
    """

    id: str
    campaign_id: str
    first_number: int
    count: int
    channel: str = ""
    key_id: str
    issued_at: datetime
    written_at: datetime | None = None

    def voucher_id(self, index: int) -> str:
        """The id of one of its vouchers, counted from 0: 32 hexadecimal digits."""
        return f"{self.id}{index:08x}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherKey:
    """A key that signs vouchers: its public half (Ed25519, 32 bytes).

    The newest that is neither retired nor revoked signs; all that are not revoked verify.
    """

    id: str
    public: bytes
    created_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Uses that headquarters lets this store give away alone, connected or not.

    Of one voucher, or, where ``voucher_id`` is None, of any voucher of the campaign. It counts
    until ``expires_at``; ``budget`` limits what its uses may take off.
    """

    id: str
    campaign_id: str
    voucher_id: str | None = None
    uses: int
    budget: Money | None = None
    granted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a basket. ``price`` is for one piece or kilogram, in its currency."""

    gtin: str
    category: str = ""
    price: Decimal
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What is being paid for. ``lines`` may be unknown; ``total`` is what they come to."""

    id: str
    total: Money
    lines: tuple[Line, ...] = ()
