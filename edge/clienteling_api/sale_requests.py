"""What a till sends about a receipt."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.clienteling_api.requests import CardText, Id, Name, Phone, Request
from edge.clienteling_api.voucher_requests import Currency, Gtin

Amount = Annotated[str, Meta(pattern=r"^-?[0-9]{1,9}(\.[0-9]{1,3})?\Z")]
Pieces = Annotated[str, Meta(pattern=r"^-?[0-9]{1,4}(\.[0-9]{1,3})?\Z")]
Category = Annotated[str, Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f\ue000-\uf8ff]*\Z")]


class SaleLineRequest(Request, frozen=True, kw_only=True):
    """One line of a receipt: ``amount`` is what the whole line comes to. What is given back has
    ``quantity`` and ``amount`` below 0."""

    item: Name
    category: Category = ""
    quantity: Pieces = "1"
    amount: Amount
    gtin: Gtin = ""


class SaleRequest(Request, frozen=True, kw_only=True):
    """A receipt. ``receipt_id`` makes it count once, so no other receipt of this store ever has
    it. At most one of ``member_id``, ``code`` and ``phone`` says whose it is; without, nothing
    but the sum is kept.
    """

    receipt_id: Id
    amount: Amount
    currency: Currency
    sold_at: Annotated[datetime, Meta(tz=True)]
    lines: Annotated[tuple[SaleLineRequest, ...], Meta(max_length=200)] = ()
    member_id: Id | msgspec.UnsetType = msgspec.UNSET
    code: CardText | msgspec.UnsetType = msgspec.UNSET
    phone: Phone | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        given = [v for v in (self.member_id, self.code, self.phone) if v is not msgspec.UNSET]
        if len(given) > 1:
            raise ValueError("Give at most one of member_id, code and phone")


_EACH_WITH_NO_OTHER = [
    {"not": {"required": pair}}
    for pair in (["member_id", "code"], ["member_id", "phone"], ["code", "phone"])
]
SaleBody = Annotated[SaleRequest, Meta(extra_json_schema={"allOf": _EACH_WITH_NO_OTHER})]
