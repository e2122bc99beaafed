"""The bodies and query strings that phones send: parsed, bounded, and nothing unknown let in.

What a pattern here lets through, the flows can store; the OpenAPI document shows the same.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.clienteling_api import sizes
from edge.domain import AgeBand, Garment, Language, Role, SizeSystem

# What ``rules.profile`` refuses in text as well: controls, line and paragraph separators,
# private characters, and those that turn the direction of writing.
_UNSEEN = (
    r"\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ue000-\uf8ff"
    f"{chr(0xF0000)}-{chr(0x10FFFF)}"
)
_LINE = rf"[^\n{_UNSEEN}]*"
_LINES = rf"[^{_UNSEEN}]*"
_VISIBLE = rf"[^\s{_UNSEEN}]"

# The patterns end in \Z, because Python's $ also matches before a line break at the end.
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
Name = Annotated[str, Meta(max_length=80, pattern=rf"^{_LINE}{_VISIBLE}{_LINE}\Z")]
Text = Annotated[str, Meta(max_length=1000, pattern=rf"^{_LINES}{_VISIBLE}{_LINES}\Z")]
Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{4,64}\Z")]
CardText = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{4,160}\Z")]
ProductNumber = Annotated[str, Meta(pattern=r"^([0-9]{8}|[0-9]{12,14})\Z")]
Phone = Annotated[
    str,
    Meta(max_length=32, pattern=r"^(\+|00)?0?[ ()./-]*[1-9]([ ()./-]*[0-9]){3,12}[ ()./-]*\Z"),
]


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body from a phone."""


class PairRequest(Request, frozen=True, kw_only=True):
    """The code from the QR, and what the phone calls itself."""

    code: Code
    device: Name


class PairingCodeRequest(Request, frozen=True, kw_only=True):
    """A manager invites one phone."""

    guide_name: Name
    role: Role


class ArrivalRequest(Request, frozen=True, kw_only=True):
    """A member is here without a face: exactly one of the three."""

    member_id: Id | msgspec.UnsetType = msgspec.UNSET
    code: CardText | msgspec.UnsetType = msgspec.UNSET
    phone: Phone | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        given = [v for v in (self.member_id, self.code, self.phone) if v is not msgspec.UNSET]
        if len(given) != 1:
            raise ValueError("Give exactly one of member_id, code and phone")


Arrival = Annotated[
    ArrivalRequest, Meta(extra_json_schema={"minProperties": 1, "maxProperties": 1})
]


class SizeBody(Request, frozen=True, kw_only=True):
    garment: Garment
    system: SizeSystem
    value: Annotated[str, Meta(min_length=1, max_length=12)]


PlausibleSize = Annotated[SizeBody, Meta(extra_json_schema=sizes.SCHEMA)]


class MemberRequest(Request, frozen=True, kw_only=True):
    """A new member."""

    name: Name
    card_number: Code | None = None
    phone: Phone | None = None
    language: Language = Language.ENGLISH
    age_band: AgeBand | None = None
    sizes: Annotated[list[PlausibleSize], Meta(max_length=12)] = []
    preferences: Annotated[list[Name], Meta(max_length=24)] = []
    do_not_disturb: bool = False


class MemberPatch(Request, frozen=True, kw_only=True):
    """Fields to change; what is left out stays."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    card_number: Code | msgspec.UnsetType | None = msgspec.UNSET
    phone: Phone | msgspec.UnsetType | None = msgspec.UNSET
    language: Language | msgspec.UnsetType = msgspec.UNSET
    age_band: AgeBand | msgspec.UnsetType | None = msgspec.UNSET
    sizes: Annotated[list[PlausibleSize], Meta(max_length=12)] | msgspec.UnsetType = msgspec.UNSET
    preferences: Annotated[list[Name], Meta(max_length=24)] | msgspec.UnsetType = msgspec.UNSET
    do_not_disturb: bool | msgspec.UnsetType = msgspec.UNSET


class NoteRequest(Request, frozen=True, kw_only=True):
    text: Text


class ConsentRequest(Request, frozen=True, kw_only=True):
    """The member read this version of the notice in this language and said yes."""

    language: Language
    notice_version: Annotated[str, Meta(max_length=20)]
    agreed: Literal[True]


class DoorPhotoRequest(Request, frozen=True, kw_only=True):
    camera_id: Id


class SearchQuery(Request, frozen=True, kw_only=True):
    """Part of a name, the beginning of a card number, or the last digits of a phone number."""

    q: Name


class CardQuery(Request, frozen=True, kw_only=True):
    """Why the card is opened; written to the audit log."""

    reason: Literal["visit", "search", "enrollment", "request"]


class CardCodeQuery(Request, frozen=True, kw_only=True):
    """A code to show, which turns every 30 seconds, or one to print, which stays."""

    kind: Literal["shown", "printed"] = "shown"


class ProductQuery(Request, frozen=True, kw_only=True):
    """Whose size is wanted; written to the audit log."""

    member_id: Id | msgspec.UnsetType = msgspec.UNSET


class FeedQuery(Request, frozen=True, kw_only=True):
    """The place in the feed to resume from; neither means from now on."""

    epoch: Id | msgspec.UnsetType = msgspec.UNSET
    after: Annotated[int, Meta(ge=0)] | msgspec.UnsetType = msgspec.UNSET
