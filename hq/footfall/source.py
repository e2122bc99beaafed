"""The seam between the rounds and what carries them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edge.contract import FootfallPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store to pull from: its ``address`` says how, by its scheme, and where."""

    id: str
    address: str


class StoreFailed(Exception):
    """A store gave no page: ``code`` is the contract's, or says what became of the line."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Source(Protocol):
    """A way to the stores of one scheme."""

    async def page(self, store: Store, after: int) -> FootfallPage:
        """What follows a cursor. Raises ``StoreFailed``; never takes longer than a minute."""
