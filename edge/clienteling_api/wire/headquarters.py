"""The line to headquarters as a manager sees it."""

from __future__ import annotations

from datetime import datetime

from edge.clienteling_api.wire.body import Response
from edge.domain import HeldChange, HeldMessage, LineState


class LeaseView(Response, frozen=True, kw_only=True):
    """Uses of a campaign's vouchers that this store may give away alone until ``expires_at``."""

    campaign: str
    uses: int
    taken: int
    expires_at: datetime


class Headquarters(Response, frozen=True, kw_only=True):
    """The line and what waits for it; ``line`` is null where no headquarters is configured.

    ``waiting`` messages may travel, the oldest told at ``oldest_at``; ``waiting_lately`` is how
    many there were, every ``every_s``, the oldest first, at most ``most_points``. Of what is in
    quarantine at most fifty are listed. Faces rest from ``matching_ends_at`` unless headquarters
    is heard before; null where nothing has to be heard, or where they rest already.
    """

    line: LineState | None
    waiting: int
    oldest_at: datetime | None
    messages_held: int
    changes_held: int
    messages: list[HeldMessage]
    changes: list[HeldChange]
    leases: list[LeaseView]
    matching_rests: bool
    matching_ends_at: datetime | None
    messages_sent: int
    bytes_sent: int
    every_s: float
    most_points: int
    waiting_lately: list[int | None]


class TriedAgain(Response, frozen=True, kw_only=True):
    """How much of the quarantine is tried again."""

    messages: int
    changes: int
