"""Pairing codes and sessions: how they are written, how long they live."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from edge.domain import PairingCode, Session

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to misread."""

CODE_LENGTH = 10
"""50 bits: at the rate of guesses allowed, five minutes try 10 of 10^15 codes."""

CODE_LIFE = timedelta(minutes=5)
IDLE_LIFE = timedelta(days=30)
"""A session unused for this long has ended."""

_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})


def normalise_code(text: str) -> str:
    """A code as it was meant: capitals, without hyphens, ``O`` as 0, ``I`` and ``L`` as 1."""
    return text.upper().translate(_MISREAD)


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal: what the store holds of a code or token.

    A plain hash is enough, because both are random and long; nobody chose them.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def expired(code: PairingCode, now: datetime) -> bool:
    """Whether the five minutes are over."""
    return now >= code.expires_at


def alive(session: Session, now: datetime) -> bool:
    """Neither revoked nor left unused for too long."""
    return session.revoked_at is None and now - session.last_used_at < IDLE_LIFE
