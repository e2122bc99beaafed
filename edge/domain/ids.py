"""How things are named: random, so that a name says nothing of what it names."""

from __future__ import annotations

import uuid


def new_id() -> str:
    """A random identifier (UUID version 4, 32 hexadecimal digits)."""
    return uuid.uuid4().hex
