"""How messages travel: numbered and in batches upwards, in pages behind a cursor downwards."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.contract.fields import Count, Identifier

BATCH_MESSAGES = 1000
BATCH_BYTES = 4 * 2**20
"""Most that one batch holds once it is unpacked; packed it is never larger."""
PAGE_CHANGES = 1000
BATCH_TYPE = "application/gzip"

Feed = Literal["withdrawals", "changes"]
"""Withdrawals have a feed of their own, so that nothing ever stands before them."""


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """A message, not read yet, with its number in the store's own sequence."""

    sequence: Count
    message: msgspec.Raw


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What a store sends at once.

    ``waits_from`` is the least number of what waits there, where these overtake it.
    """

    version: Literal[1] = 1
    store_id: Identifier
    waits_from: Count | None = None
    messages: Annotated[list[Numbered], Meta(max_length=BATCH_MESSAGES)]


class Code(StrEnum):
    """Why one side does not take what the other asks or tells. These never change."""

    MALFORMED = "malformed"
    UNKNOWN_TYPE = "unknown_type"
    UNKNOWN_VERSION = "unknown_version"
    FOREIGN_STORE = "foreign_store"
    STORE_REVOKED = "store_revoked"
    STORE_UNKNOWN = "store_unknown"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    SEQUENCE_REUSED = "sequence_reused"
    CURSOR_AHEAD = "cursor_ahead"
    NOT_HEADQUARTERS = "not_headquarters"
    CLAIM_UNKNOWN = "claim_unknown"
    CLAIM_USED = "claim_used"
    CLAIM_EXPIRED = "claim_expired"
    CLAIM_REVOKED = "claim_revoked"
    UNAVAILABLE = "unavailable"


class RefusedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that waits in quarantine on both sides, for a person to look at."""

    sequence: Count
    code: Code


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Every message of the batch is held durably; those ``refused`` in quarantine."""

    # Demanded, so that no other object can pass for an acknowledgement.
    refused: Annotated[list[RefusedMessage], Meta(max_length=BATCH_MESSAGES)]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A message to a store, not read yet, with its place in the feed."""

    position: Count
    message: msgspec.Raw


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What comes next in a feed. ``cursor`` asks for what follows it; ``remaining`` counts that."""

    changes: Annotated[list[Change], Meta(max_length=PAGE_CHANGES)]
    cursor: Count
    remaining: Count


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is no answer. ``last_sequence`` comes with ``sequence_reused``."""

    code: Code
    detail: Annotated[str, Meta(max_length=400)] = ""
    last_sequence: Count | None = None


def on_the_calendar(value: object) -> bool:
    """Whether UTC has every time in a message: a zone can carry one beyond year 1 or 9999."""
    match value:
        case datetime():
            try:
                return bool(value.astimezone(UTC))
            except OverflowError:
                return False
        case msgspec.Struct():
            return all(on_the_calendar(getattr(value, name)) for name in value.__struct_fields__)
        case tuple():
            return all(map(on_the_calendar, value))
        case _:
            return True


def code_of(body: bytes | msgspec.Raw, why: msgspec.DecodeError | UnicodeDecodeError) -> Code:
    """The code for a message that could not be read."""
    if not isinstance(why, msgspec.ValidationError):
        return Code.MALFORMED
    if str(why).endswith("`$.type`") and "Invalid value" in str(why):
        return Code.UNKNOWN_TYPE
    try:
        head = msgspec.json.decode(body, type=_Head)
    except msgspec.DecodeError:
        return Code.MALFORMED
    return Code.MALFORMED if head.version == 1 else Code.UNKNOWN_VERSION


class _Head(msgspec.Struct):
    version: int = 1
