"""From headquarters to a store: what the store is to know, and to forget."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from edge.contract.fields import BaseMessage, Count, Decimals, Identifier, Moment, Text
from edge.contract.profile import Profile, Stamp


class MemberWithdrawn(BaseMessage, frozen=True):
    """A member ended face matching; every store must forget the face.

    A store that gave the consent ``consent_id`` ends that one, any other ends whichever is in
    force there: no clock decides. The same ``message_id`` again changes nothing, so that a
    consent given anew afterwards stands.
    """

    member_id: Identifier
    consent_id: Identifier | None = None


class MemberKnown(BaseMessage, frozen=True):
    """The member as headquarters knows them, each field with its stamp."""

    member_id: Identifier
    joined_at: Moment
    profile: Profile
    stamps: Annotated[tuple[Stamp, ...], Meta(max_length=8)]


class PurchaseMade(BaseMessage, frozen=True):
    """One line of a receipt, wherever in the chain it was bought."""

    purchase_id: Identifier
    member_id: Identifier
    item: Text
    category: Text
    amount: Decimals
    currency: Identifier
    bought_at: Moment


class LeaseGranted(BaseMessage, frozen=True):
    """Headquarters lets the store give away so many uses alone, until the lease ends."""

    lease_id: Identifier
    campaign_id: Identifier
    uses: Count
    expires_at: Moment
    voucher_id: Identifier | None = None
    budget: Decimals | None = None
    currency: Identifier | None = None


class Revoked(BaseMessage, frozen=True):
    """A voucher, or a key that signs vouchers, holds no more."""

    kind: Literal["voucher", "key"]
    subject_id: Identifier
