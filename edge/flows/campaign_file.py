"""A campaign as marketing writes it: a TOML file, read strictly."""

from __future__ import annotations

import tomllib
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.domain import Campaign, Gift, Holder, Money, PercentOff, Value, Window
from edge.errors import BadRequest
from edge.rules.gtin import gtin14
from edge.rules.issuing import demand_room
from edge.rules.voucher_code import CannotSign

Count = Annotated[int, Meta(ge=1, le=10**6)]
Moment = Annotated[datetime, Meta(tz=True)]


class MoneyTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``{ amount = "5.00", currency = "EUR" }``"""

    amount: Annotated[Decimal, Meta()]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]


class WindowTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``{ opens = 22:00:00, closes = 04:00:00 }``"""

    opens: time
    closes: time


class CampaignTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file; each key is the campaign's field of that name."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,23}\Z")]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    value: Value
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    stores: tuple[str, ...] = ()
    window: WindowTable | None = None
    uses: Count = 1
    holder: Holder = Holder.BEARER
    per_member: Count | None = None
    total: Count | None = None
    budget: MoneyTable | None = None
    minimum: MoneyTable | None = None
    products: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    exclusion_group: Annotated[str, Meta(max_length=40)] = ""
    stacks: bool = False
    floor: MoneyTable | None = None
    offline_cap: Annotated[int, Meta(ge=0, le=10**6)] | None = None


def read_campaign(file: Path, now: datetime) -> Campaign:
    """The campaign of a file. Raises ``BadRequest`` that names the key and what to do."""
    try:
        with file.open("rb") as opened:
            table = msgspec.convert(tomllib.load(opened), CampaignTable)
    except OSError as error:
        raise BadRequest(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise BadRequest(f"{file}: {error}") from error
    campaign = _campaign(table, now)
    flaw = flaw_of(campaign)
    if flaw is not None:
        raise BadRequest(f"{file}: {flaw}")
    return campaign


def _campaign(table: CampaignTable, now: datetime) -> Campaign:
    fields = {name: getattr(table, name) for name in table.__struct_fields__}
    for name in ("budget", "minimum", "floor"):
        fields[name] = _money(fields[name])
    if table.window is not None:
        fields["window"] = Window(opens=table.window.opens, closes=table.window.closes)
    fields["products"] = tuple(gtin14(product) or product for product in table.products)
    return Campaign(**fields, created_at=now)


def _money(table: MoneyTable | None) -> Money | None:
    return Money(amount=table.amount, currency=table.currency) if table else None


def flaw_of(campaign: Campaign) -> str | None:
    """What no campaign of sense says."""
    begins, ends, value = campaign.valid_from, campaign.valid_until, campaign.value
    if begins is not None and ends is not None and begins >= ends:
        return "valid_until is not after valid_from; change one of them"
    if any(gtin14(product) is None for product in campaign.products):
        return "a product is a GTIN of 8, 12, 13 or 14 digits whose check digit holds"
    if isinstance(value, PercentOff) and not 0 < value.percent <= 100:
        return "value.percent is above 0 and at most 100"
    if isinstance(value, Gift) and value.gtin and gtin14(value.gtin) != value.gtin:
        return "value.gtin has 14 digits and a check digit that holds"
    try:
        demand_room(campaign)
    except CannotSign as error:
        return str(error)
    return None
