"""What the fields of a message may hold: short texts, counts, times. No bytes, no fractions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Identifier = Annotated[str, Meta(min_length=1, max_length=64)]
Moment = Annotated[datetime, Meta(tz=True)]
Decimals = Annotated[
    str, Meta(min_length=1, max_length=20, pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?\Z")
]
"""A decimal number as text, as many places as it was written with."""
Count = Annotated[int, Meta(ge=0, le=2**53)]
Text = Annotated[str, Meta(max_length=80)]
Signature = Annotated[str, Meta(max_length=100)]
"""Ed25519 in base64url."""
Receipt = Annotated[str, Meta(max_length=16384)]
"""The one long text: a signed consent receipt as canonical JSON."""


class BaseMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """What every message has. ``message_id`` is the idempotency key of its delivery;
    ``store_id`` is the store that it comes from or, on its way down, ``headquarters``.
    """

    version: Literal[1] = 1
    message_id: Identifier
    store_id: Identifier
    at: Moment


Version = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,6}){1,3}\Z", max_length=27)]
