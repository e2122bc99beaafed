"""The messages that cross the wire between a store and headquarters, and nothing else.

They carry identifiers, the store and a time, and money as decimal text. No type here can hold
a biometric value: there are no bytes, no numbers with a fraction and no sequences, and a test
walks the types to keep it so. A receiver ignores fields it does not know; a change of meaning
raises ``version``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.domain import ArrivedBy, Claim, Language, RedemptionState

Identifier = Annotated[str, Meta(min_length=1, max_length=64)]
Moment = Annotated[datetime, Meta(tz=True)]
Decimals = Annotated[str, Meta(min_length=1, max_length=32)]
Count = Annotated[int, Meta(ge=0)]


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What every message has. ``message_id`` is the idempotency key of its delivery."""

    version: Literal[1] = 1
    message_id: Identifier
    store_id: Identifier
    at: Moment


class VisitOpened(_Message, frozen=True):
    """A member's stay began, or is claimed to have."""

    visit_id: Identifier
    member_id: Identifier
    arrived_by: ArrivedBy


class VisitAnswered(_Message, frozen=True):
    """A guide said whether it is the member."""

    visit_id: Identifier
    member_id: Identifier
    claim: Claim


class VisitClosed(_Message, frozen=True):
    """The stay is over."""

    visit_id: Identifier
    member_id: Identifier


class ConsentGiven(_Message, frozen=True):
    """A member agreed to face matching after this version of the notice."""

    consent_id: Identifier
    member_id: Identifier
    notice_version: Identifier
    language: Language


class ConsentWithdrawn(_Message, frozen=True):
    """Face matching of this member has ended; every gateway must forget them."""

    consent_id: Identifier
    member_id: Identifier


class MemberChanged(_Message, frozen=True):
    """A profile was created or changed in the store."""

    member_id: Identifier


class RedemptionChanged(_Message, frozen=True):
    """A use of a voucher was committed, or reversed. ``member_id`` where one was proven."""

    redemption_id: Identifier
    voucher_id: Identifier
    campaign_id: Identifier
    state: RedemptionState
    member_id: Identifier | None = None
    lease_id: Identifier | None = None
    discount: Decimals | None = None
    currency: Identifier | None = None


class LeaseGranted(_Message, frozen=True):
    """Headquarters lets the store give away so many uses alone, until the lease ends."""

    lease_id: Identifier
    campaign_id: Identifier
    uses: Count
    expires_at: Moment
    voucher_id: Identifier | None = None
    budget: Decimals | None = None
    currency: Identifier | None = None


Message = (
    VisitOpened
    | VisitAnswered
    | VisitClosed
    | ConsentGiven
    | ConsentWithdrawn
    | MemberChanged
    | RedemptionChanged
    | LeaseGranted
)

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Message).decode
