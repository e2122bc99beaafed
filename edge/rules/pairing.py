"""Pairing codes and sessions: how they are written, how long they live."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from edge.domain import PairingCode, Role, Session

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U to misread."""

CODE_LENGTH = 10
"""50 bits: at the rate of guesses allowed, five minutes try 10 of 10^15 codes."""

CODE_LIFE = timedelta(minutes=5)
SETUP_CODE_LIFE = timedelta(minutes=30)
"""A technician's: the installer prints it, and the cable has to be plugged in before it is used."""
IDLE_LIFE = timedelta(days=30)
"""A session unused for this long has ended."""
SETUP_LIFE = timedelta(hours=4)
"""A technician's session ends this long after it began, used or not."""

_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": "", " ": ""})


def normalise_code(text: str) -> str:
    """A code as it was meant: capitals, without hyphens, ``O`` as 0, ``I`` and ``L`` as 1."""
    return text.upper().translate(_MISREAD)


def digest(secret: str) -> str:
    """SHA-256 in hexadecimal: what the store holds of a code or token.

    A plain hash is enough, because both are random and long; nobody chose them.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def code_life(role: Role) -> timedelta:
    """How long an invitation for a role may be taken up."""
    return SETUP_CODE_LIFE if role is Role.TECHNICIAN else CODE_LIFE


def expired(code: PairingCode, now: datetime) -> bool:
    """Whether its time is over."""
    return now >= code.expires_at


def on_paper(code: PairingCode) -> bool:
    """Whether it came with a claim, on a page for the first manager: no other manager's code lives
    longer than ``CODE_LIFE``. It ends when a manager's phone is paired, by whatever code.
    """
    return code.role is Role.MANAGER and code.expires_at - code.created_at > CODE_LIFE


def alive(session: Session, now: datetime) -> bool:
    """Neither revoked nor left unused for too long; a technician's also not too old."""
    if session.role is Role.TECHNICIAN and now - session.paired_at >= SETUP_LIFE:
        return False
    return session.revoked_at is None and now - session.last_used_at < IDLE_LIFE
