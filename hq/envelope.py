"""What every message of headquarters' own begins with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypedDict
from uuid import uuid4

from edge.contract import HEADQUARTERS


class Envelope(TypedDict):
    """The fields that every message has."""

    message_id: str
    store_id: str
    at: datetime


def envelope(at: datetime | None = None) -> Envelope:
    """A new message's own id, its sender and its time: now, where none is given."""
    return Envelope(message_id=uuid4().hex, store_id=HEADQUARTERS, at=at or datetime.now(UTC))
