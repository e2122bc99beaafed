"""From a store to headquarters: what happened there."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.contract.fields import (
    BaseMessage,
    Count,
    Decimals,
    Identifier,
    Moment,
    Receipt,
    Signature,
    Text,
    Version,
)
from edge.contract.profile import Profile
from edge.domain import ArrivedBy, Claim, Language, RedemptionState
from edge.domain.updates import Outcome


class VisitOpened(BaseMessage, frozen=True):
    """A member's stay began, or is claimed to have."""

    visit_id: Identifier
    member_id: Identifier
    arrived_by: ArrivedBy


class VisitAnswered(BaseMessage, frozen=True):
    """A guide said whether it is the member."""

    visit_id: Identifier
    member_id: Identifier
    claim: Claim


class VisitClosed(BaseMessage, frozen=True):
    """The stay is over."""

    visit_id: Identifier
    member_id: Identifier


class ConsentGiven(BaseMessage, frozen=True):
    """A member agreed to face matching after this version of the notice.

    ``receipt`` is the signed record as canonical JSON, ``signature`` the store's over it.
    """

    consent_id: Identifier
    member_id: Identifier
    notice_version: Identifier
    language: Language
    receipt: Receipt = ""
    signature: Signature | None = None


class EndedBy(StrEnum):
    """Why a consent ended. Only a member's own word is passed on to the other stores."""

    MEMBER = "member"
    RETENTION = "retention"
    HEADQUARTERS = "headquarters"


class ConsentWithdrawn(BaseMessage, frozen=True):
    """Face matching of this member has ended in the store."""

    consent_id: Identifier
    member_id: Identifier
    ended_by: EndedBy = EndedBy.MEMBER


class DeletionProven(BaseMessage, frozen=True):
    """The signed entry of the store's audit log that says the templates are gone."""

    consent_id: Identifier
    member_id: Identifier
    audit_sequence: Count
    audit_hash: Text
    signature: Signature


class MemberChanged(BaseMessage, frozen=True):
    """A profile was created or changed in the store; ``profile`` holds the fields touched."""

    member_id: Identifier
    profile: Profile = Profile()
    joined_at: Moment | None = None


class RedemptionChanged(BaseMessage, frozen=True):
    """A use of a voucher was committed, or reversed. ``member_id`` where one was proven."""

    redemption_id: Identifier
    voucher_id: Identifier
    campaign_id: Identifier
    state: RedemptionState
    member_id: Identifier | None = None
    lease_id: Identifier | None = None
    discount: Decimals | None = None
    currency: Identifier | None = None


class SaleLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a receipt; ``quantity`` and ``amount`` are below 0 for what is given back."""

    item: Text
    category: Text
    quantity: Decimals
    amount: Decimals
    gtin: Identifier | None = None


class SaleMade(BaseMessage, frozen=True):
    """A receipt. Of a sale to nobody in particular its sum alone, without ``lines``."""

    sale_id: Annotated[str, Meta(min_length=1, max_length=48)]
    amount: Decimals
    currency: Identifier
    sold_at: Moment
    member_id: Identifier | None = None
    lines: Annotated[tuple[SaleLine, ...], Meta(max_length=200)] = ()


class ErasureProven(BaseMessage, frozen=True):
    """The signed entry of the store's audit log that says the member is forgotten here."""

    member_id: Identifier
    audit_sequence: Count
    audit_hash: Text
    signature: Signature


class ReleaseTold(BaseMessage, frozen=True):
    """The release that runs in the store, and how the last one that it tried ended there."""

    release: Version
    tried: Version | None = None
    outcome: Outcome | None = None
