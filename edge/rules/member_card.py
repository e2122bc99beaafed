"""The codes of a member's card: shown on a screen, where it turns, or printed, where it stays.

``RM:`` and the Base32 of a small CBOR array (kind, member, step) with ten bytes of
HMAC-SHA256 behind it, under a key of the member's own. A step is thirty seconds since 1970. A
shown code holds in its own step and the one before and after it, so that a photo of it is
worth nothing a minute later; a printed one holds from its step on.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Final

from edge.domain import Reason
from edge.rules import base32, clock, cose

PREFIX: Final = "RM:"
STEP: Final = timedelta(seconds=30)
TOLERANCE: Final = 1
"""Steps that the clocks of phone and gateway may differ, either way."""
TEXT_MAX: Final = 160
_MAC_BYTES: Final = 10
_LABEL: Final = b"regulars member card 1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CardKind(IntEnum):
    """How the card is carried."""

    PRINTED = 0
    SHOWN = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCode:
    """A card's code taken apart; it means nothing before ``refuse`` has let it pass."""

    kind: CardKind
    member_id: str
    step: int
    body: bytes
    mac: bytes


def member_key(secret: bytes, member_id: str) -> bytes:
    """The key of one member's card, which their phone may hold."""
    return hmac.digest(secret, _LABEL + member_id.encode(), "sha256")


def encode(key: bytes, kind: CardKind, member_id: str, now: datetime) -> str:
    """The card's code at this time."""
    body = cose.canonical([int(kind), cose.pack_id(member_id), step_of(now)])
    return PREFIX + base32.encode(body + _mac(key, body))


def looks_like_card(text: str) -> bool:
    """Whether a text claims to be a member's card, by its form alone."""
    return text[: len(PREFIX)].upper() == PREFIX


def take_apart(text: str) -> CardCode | None:
    """What a text claims; None where it has not the form of a card's code."""
    if not looks_like_card(text) or len(text) > TEXT_MAX:
        return None
    try:
        message = base32.decode(text[len(PREFIX) :])
        body, mac = message[:-_MAC_BYTES], message[-_MAC_BYTES:]
        match cose.parse(body):
            case [int() as kind, str() | bytes() as packed, int() as step] if step >= 0:
                return CardCode(
                    kind=CardKind(kind),
                    member_id=cose.read_id(packed),
                    step=step,
                    body=body,
                    mac=mac,
                )
            case _:
                return None
    except ValueError:
        return None


def refuse(
    code: CardCode,
    key: bytes,
    now: datetime,
    replaced_at: datetime | None,
    passed_at: datetime,
) -> Reason | None:
    """Why a card's code does not hold now. ``replaced_at`` ends those printed before it.

    A clock that stands before ``passed_at`` judges no code that turns.
    """
    if not hmac.compare_digest(_mac(key, code.body), code.mac):
        return Reason.CARD_FORGED
    if code.kind is CardKind.SHOWN and clock.wrong(now, passed_at):
        return Reason.CLOCK_WENT_BACK
    if code.kind is CardKind.SHOWN and abs(code.step - step_of(now)) > TOLERANCE:
        return Reason.CARD_STALE
    replaced = replaced_at is not None and code.step < step_of(replaced_at)
    if code.kind is CardKind.PRINTED and replaced:
        return Reason.CARD_WITHDRAWN
    return None


def step_of(now: datetime) -> int:
    return (now - _EPOCH) // STEP


def turns_at(now: datetime) -> datetime:
    """When the next step begins."""
    return _EPOCH + (step_of(now) + 1) * STEP


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).digest()[:_MAC_BYTES]
