"""From headquarters to a store: what the store is to know, and to forget."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from edge.contract.fields import (
    BaseMessage,
    Count,
    Decimals,
    Identifier,
    Moment,
    Signature,
    Text,
    Version,
)
from edge.contract.profile import Profile, Stamp
from edge.contract.terms import Price, Setting, Terms, Variant


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


class ProductKnown(BaseMessage, frozen=True):
    """What the chain sells. Variants that are not named stay as the store has them."""

    product_id: Identifier
    name: Text
    category: Text
    brand: Text | None = None
    price: Price | None = None
    variants: Annotated[tuple[Variant, ...], Meta(max_length=500)] = ()


class CampaignKnown(BaseMessage, frozen=True):
    """A campaign of the chain with its whole terms; it is over at ``ended_at``."""

    campaign_id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,23}\Z", max_length=24)]
    terms: Terms
    created_at: Moment
    ended_at: Moment | None = None


class VoucherKeyKnown(BaseMessage, frozen=True):
    """The public half (Ed25519, 32 bytes in base64url) of a key that signs the chain's vouchers.

    The private half stays in the store that made it, and the secret behind vouchers as digits
    crosses nowhere: whoever has it can count up every voucher there is.
    """

    key_id: Annotated[str, Meta(pattern=r"^[0-9a-f]{8}\Z", max_length=8)]
    public: Signature


class ConfigurationKnown(BaseMessage, frozen=True):
    """Every key that headquarters sets for this store. It holds from the store's next start on;
    one key that cannot be, and none of them holds.
    """

    settings: Annotated[tuple[Setting, ...], Meta(max_length=32)]


class MemberMerged(BaseMessage, frozen=True):
    """The member is the same person as ``survivor_id``, under which all of theirs stands now.

    Face matching of ``member_id`` ends in the store: nobody agreed to be matched as the other.
    A later ``MemberKnown`` of ``member_id`` undoes it.
    """

    member_id: Identifier
    survivor_id: Identifier


class MemberErased(BaseMessage, frozen=True):
    """A member is to be forgotten for good. It travels with the withdrawals."""

    member_id: Identifier


class ReleaseWanted(BaseMessage, frozen=True):
    """The release that this store is to take; none where it is to stay where it is.

    It says which, never from whom: the store believes what its publisher signed.
    """

    release: Version | None = None
