"""The line to headquarters, for a manager: how it is, what waits, and what nobody would take."""

from __future__ import annotations

from edge.clienteling_api import wire
from edge.clienteling_api.parts import Parts
from edge.domain import Session
from edge.metrics.history import EVERY_S, POINTS


async def get_headquarters(parts: Parts, guide: Session) -> wire.Headquarters:
    """How the line to headquarters is, and what waits for it."""
    seen, counts = await parts.headquarters.overview(), parts.headquarters.counts
    return wire.Headquarters(
        line=seen.line,
        waiting=seen.waiting,
        oldest_at=seen.oldest_at,
        messages_held=seen.messages_held,
        changes_held=seen.changes_held,
        messages=list(seen.messages),
        changes=list(seen.changes),
        leases=[
            wire.LeaseView(
                campaign=held.campaign,
                uses=held.lease.uses,
                taken=held.taken,
                expires_at=held.lease.expires_at,
            )
            for held in seen.leases
        ],
        matching_rests=seen.matching_rests,
        matching_ends_at=seen.matching_ends_at,
        messages_sent=counts.messages_sent,
        bytes_sent=counts.bytes_sent,
        every_s=EVERY_S,
        most_points=POINTS,
        waiting_lately=[point.waiting for point in parts.watch.history],
    )


async def try_again(parts: Parts, guide: Session) -> wire.TriedAgain:
    """Try once more what is in quarantine, after somebody has looked at it.

    Headquarters judges anew what it did not take, and the feed is read again from before the
    first change that this store could not.
    """
    messages, changes = await parts.headquarters.try_again(guide)
    return wire.TriedAgain(messages=messages, changes=changes)
