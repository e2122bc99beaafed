"""The messages that cross the wire between a store and headquarters, and nothing else.

They carry identifiers, the store and a time, a profile as people fill it in, and money as
decimal text. No type here can hold a biometric value: there are no bytes, no numbers with a
fraction, no sequences of numbers, and no long text but the consent receipt; a test walks the
types to keep it so. A receiver ignores fields it does not know; a change of meaning raises
``version``. ``docs/headquarters.md`` shows each message.
"""

from __future__ import annotations

import msgspec

from edge.contract.down import (
    CampaignKnown,
    ConfigurationKnown,
    LeaseGranted,
    MemberErased,
    MemberKnown,
    MemberMerged,
    MemberWithdrawn,
    ProductKnown,
    PurchaseMade,
    ReleaseWanted,
    Revoked,
    VoucherKeyKnown,
)
from edge.contract.exchange import (
    BATCH_BYTES,
    BATCH_MESSAGES,
    BATCH_TYPE,
    PAGE_CHANGES,
    Acknowledgement,
    Batch,
    Change,
    Code,
    Feed,
    Numbered,
    Page,
    Problem,
    RefusedMessage,
    code_of,
    on_the_calendar,
)
from edge.contract.footfall import (
    PAGE_ROWS,
    WHOLE_STORE,
    FootfallPage,
    FootfallRow,
    Measure,
    Period,
    Privacy,
)
from edge.contract.profile import Lost, Merged, Profile, Size, Stamp, merge, together
from edge.contract.settings import SETTINGS, value_of
from edge.contract.store_claim import (
    CLAIM_BYTES,
    CLAIM_NAME,
    LOCAL_NAME,
    AdmissionAsked,
    Admitted,
    ClaimedStore,
    StoreClaim,
)
from edge.contract.terms import AmountOff, Gift, PercentOff, Price, Setting, Terms, Variant
from edge.contract.up import (
    ConsentGiven,
    ConsentWithdrawn,
    DeletionProven,
    EndedBy,
    ErasureProven,
    MemberChanged,
    RedemptionChanged,
    ReleaseTold,
    SaleLine,
    SaleMade,
    VisitAnswered,
    VisitClosed,
    VisitOpened,
)

Message = (
    VisitOpened
    | VisitAnswered
    | VisitClosed
    | ConsentGiven
    | ConsentWithdrawn
    | DeletionProven
    | MemberChanged
    | RedemptionChanged
    | SaleMade
    | ErasureProven
    | ReleaseTold
)
"""Up."""
Down = (
    MemberWithdrawn
    | MemberKnown
    | PurchaseMade
    | LeaseGranted
    | Revoked
    | ProductKnown
    | CampaignKnown
    | VoucherKeyKnown
    | ConfigurationKnown
    | MemberMerged
    | MemberErased
    | ReleaseWanted
)
"""Down."""

HEADQUARTERS = "headquarters"

encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Message).decode
_decode_change = msgspec.json.Decoder(Down).decode


def decode_change(body: bytes | msgspec.Raw | str) -> Down:
    """Read a message to a store. Raises ``msgspec.DecodeError`` or ``UnicodeDecodeError``."""
    change: Down = _decode_change(body)
    if not on_the_calendar(change):
        raise msgspec.ValidationError("a time that UTC does not have")
    return change


def member_of(message: Message) -> str | None:
    """Whom a message is about; None for a sale to nobody in particular, and for a machine."""
    return None if isinstance(message, ReleaseTold) else message.member_id


def aggregate(message: Message) -> str:
    """What a message is about; messages about the same travel in their order."""
    if isinstance(message, RedemptionChanged):
        return message.voucher_id
    if isinstance(message, SaleMade):
        return message.member_id or message.sale_id
    if isinstance(message, ReleaseTold):
        return "release"
    return message.member_id


def is_urgent(message: Message) -> bool:
    """Withdrawals overtake everything, and nothing holds them up."""
    return isinstance(message, ConsentWithdrawn)


__all__ = [
    "BATCH_BYTES",
    "BATCH_MESSAGES",
    "BATCH_TYPE",
    "CLAIM_BYTES",
    "CLAIM_NAME",
    "HEADQUARTERS",
    "LOCAL_NAME",
    "PAGE_CHANGES",
    "PAGE_ROWS",
    "SETTINGS",
    "WHOLE_STORE",
    "Acknowledgement",
    "AdmissionAsked",
    "Admitted",
    "AmountOff",
    "Batch",
    "CampaignKnown",
    "Change",
    "ClaimedStore",
    "Code",
    "ConfigurationKnown",
    "ConsentGiven",
    "ConsentWithdrawn",
    "DeletionProven",
    "Down",
    "EndedBy",
    "ErasureProven",
    "Feed",
    "FootfallPage",
    "FootfallRow",
    "Gift",
    "LeaseGranted",
    "Lost",
    "Measure",
    "MemberChanged",
    "MemberErased",
    "MemberKnown",
    "MemberMerged",
    "MemberWithdrawn",
    "Merged",
    "Message",
    "Numbered",
    "Page",
    "PercentOff",
    "Period",
    "Price",
    "Privacy",
    "Problem",
    "ProductKnown",
    "Profile",
    "PurchaseMade",
    "RedemptionChanged",
    "RefusedMessage",
    "ReleaseTold",
    "ReleaseWanted",
    "Revoked",
    "SaleLine",
    "SaleMade",
    "Setting",
    "Size",
    "Stamp",
    "StoreClaim",
    "Terms",
    "Variant",
    "VisitAnswered",
    "VisitClosed",
    "VisitOpened",
    "VoucherKeyKnown",
    "aggregate",
    "code_of",
    "decode",
    "decode_change",
    "encode",
    "is_urgent",
    "member_of",
    "merge",
    "on_the_calendar",
    "together",
    "value_of",
]
