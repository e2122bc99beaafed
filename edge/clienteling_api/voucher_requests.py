"""What phones send about vouchers: the code, who holds it, what is bought."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.clienteling_api.requests import Id, Request
from edge.domain import Language

Text = Annotated[str, Meta(min_length=1, max_length=4096)]
Price = Annotated[str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?\Z")]
Quantity = Annotated[str, Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,3})?\Z")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Gtin = Annotated[str, Meta(pattern=r"^([0-9]{14})?\Z")]


class EvidenceRequest(Request, frozen=True, kw_only=True):
    """What proves the member: their card's code, their phone number, or a visit one of these
    opened (its id)."""

    by: Literal["code", "phone", "visit"]
    value: Annotated[str, Meta(min_length=1, max_length=160)]


class LineRequest(Request, frozen=True, kw_only=True):
    """One line of a basket; ``price`` is for one piece, or one kilogram of what is weighed."""

    price: Price
    quantity: Quantity = "1"
    gtin: Gtin = ""
    category: Annotated[str, Meta(max_length=80)] = ""


class BasketRequest(Request, frozen=True, kw_only=True):
    """What is being paid for. Vouchers on the same ``id`` know of each other."""

    id: Id
    currency: Currency
    total: Price
    lines: Annotated[tuple[LineRequest, ...], Meta(max_length=200)] = ()


class CheckRequest(Request, frozen=True, kw_only=True):
    """A code as it was scanned or typed; ``language`` is the guide's, else the shop's."""

    code: Text
    member: EvidenceRequest | msgspec.UnsetType = msgspec.UNSET
    basket: BasketRequest | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType = msgspec.UNSET


class RedeemRequest(CheckRequest, frozen=True, kw_only=True):
    """``request_id`` makes it happen once. ``reserve`` holds the use back until commit."""

    request_id: Id
    reserve: bool = False


class StepRequest(Request, frozen=True, kw_only=True):
    """A step of a redemption; ``request_id`` makes it happen once."""

    request_id: Id
    language: Language | msgspec.UnsetType = msgspec.UNSET
