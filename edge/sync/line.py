"""The seam between the exchange and what carries it."""

from __future__ import annotations

from typing import Protocol

from edge.contract import Acknowledgement, Feed, Page


class Line(Protocol):
    """A way to headquarters.

    Each call raises ``HeadquartersUnavailable`` where no answer came, after which what was sent
    may have arrived or not, and ``HeadquartersRefused`` with the contract's code.
    """

    async def send(self, batch: bytes, *, urgent: bool) -> Acknowledgement:
        """Send an encoded ``Batch``; the answer comes once it is durable.

        ``urgent`` says that it holds withdrawals and nothing else.
        """

    async def fetch(self, feed: Feed, after: int) -> Page:
        """What follows a cursor."""

    async def rest(self, most_s: float) -> None:
        """Wait until a member withdrew elsewhere, or so long."""
