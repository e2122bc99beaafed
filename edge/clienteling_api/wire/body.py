"""What every body to a phone is made of."""

from __future__ import annotations

import msgspec


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A body to a phone."""
