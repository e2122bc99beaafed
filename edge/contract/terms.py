"""What the chain sells and gives away, as values inside messages."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.contract.fields import Count, Decimals, Identifier, Moment, Text
from edge.contract.profile import Size
from edge.domain import Holder

Clock = Annotated[str, Meta(max_length=8, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\Z")]
"""A time on the wall, e.g. 22:00:00."""
Gtin = Annotated[str, Meta(max_length=14, pattern=r"^[0-9]{8,14}\Z")]
Currency = Annotated[str, Meta(max_length=3, pattern=r"^[A-Z]{3}\Z")]


class _Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Written by people in files as well: a key that is misspelled is refused."""


class Price(_Value, frozen=True, kw_only=True):
    """An amount in one currency (ISO 4217)."""

    amount: Decimals
    currency: Currency


class AmountOff(_Value, frozen=True, kw_only=True, tag_field="kind", tag="amount"):
    """So much less to pay."""

    money: Price


class PercentOff(_Value, frozen=True, kw_only=True, tag_field="kind", tag="percent"):
    """A share less to pay: above 0, at most 100; never more than ``at_most``."""

    percent: Decimals
    at_most: Price | None = None


class Gift(_Value, frozen=True, kw_only=True, tag_field="kind", tag="gift"):
    """One piece of a product for nothing; ``gtin`` is empty where it has none."""

    name: Text
    # Of two kinds of text in one field only the first is kept to.
    gtin: Annotated[str, Meta(max_length=14, pattern=r"^([0-9]{8,14})?\Z")] = ""


class Window(_Value, frozen=True, kw_only=True):
    """The part of each day in which a voucher holds, by the clock on the store's wall."""

    opens: Clock
    closes: Clock


class Terms(_Value, frozen=True, kw_only=True):
    """A campaign's rules; each means what the campaign file's key of that name means."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    value: AmountOff | PercentOff | Gift
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    stores: Annotated[tuple[Identifier, ...], Meta(max_length=1000)] = ()
    window: Window | None = None
    uses: Count = 1
    holder: Holder = Holder.BEARER
    per_member: Count | None = None
    total: Count | None = None
    budget: Price | None = None
    minimum: Price | None = None
    products: Annotated[tuple[Gtin, ...], Meta(max_length=1000)] = ()
    categories: Annotated[tuple[Text, ...], Meta(max_length=100)] = ()
    exclusion_group: Annotated[str, Meta(max_length=40)] = ""
    stacks: bool = False
    floor: Price | None = None
    offline_cap: Count | None = None


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One size of a product, in each system on its label. A store counts its stock itself."""

    gtin: Gtin
    sizes: Annotated[tuple[Size, ...], Meta(max_length=12)] = ()


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A key of the configuration, dotted, with its value as it is written in the file."""

    key: Identifier
    value: Text
