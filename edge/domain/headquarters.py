"""The line to headquarters as people see it, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Transport(StrEnum):
    """What carries the line."""

    HTTPS = "https"
    NATS = "nats"


class LineStatus(StrEnum):
    """How the line is doing."""

    CONNECTING = "connecting"
    IN_LINE = "in_line"
    CATCHING_UP = "catching_up"
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineState:
    """The line at a moment.

    ``heard_at`` is the last answer of headquarters, ``in_line_at`` the end of the last round in
    which both sides told each other everything: what is known of members is as of then.
    ``trouble`` is the code of what has failed since ``trouble_since_at``, None where the last
    round went well. ``remaining`` counts changes still to come of the feeds being read, of
    ``remaining_of`` at their beginning.
    """

    transport: Transport
    status: LineStatus
    heard_at: datetime | None
    in_line_at: datetime | None
    trouble: str | None
    trouble_since_at: datetime | None
    remaining: int
    remaining_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCounts:
    """What went over the line since the start; bytes as they are before they are packed."""

    rounds: dict[str, int]
    messages_sent: int
    bytes_sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """When the withdrawals of the chain were last heard to their end.

    ``spent`` is the time that has passed since for certain, whatever a clock says.
    """

    heard_at: datetime
    spent: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMessage:
    """A message that headquarters did not take; ``kind`` is its type in the contract."""

    sequence: int
    kind: str
    told_at: datetime
    code: str
    refused_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChange:
    """A change from headquarters that this store could not take in."""

    feed: str
    position: int
    kind: str
    code: str
    refused_at: datetime | None
