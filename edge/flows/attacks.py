"""A face on paper or a screen was held up at a door: a presentation attack.

Guides are told the place and nothing else, once a track and not more often than every
``QUIET`` at one place. Nothing of it is stored: no picture, no score, not whom it showed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from edge.domain import ArrivedBy, AttackSeen, Claim, Sighting, Visit, VisitClosed
from edge.feed import Feed
from edge.flows.cards import GATEWAY
from edge.flows.records import record_end
from edge.store import Store, Transaction

QUIET = timedelta(seconds=30)
"""Somebody who waves a picture loses and finds its face again and again."""


class Attacks:
    """What the gateway does about presentation attacks. ``places`` names each camera's place."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        places: Mapping[str, str],
        store_id: str,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._places = places
        self._store_id = store_id
        self._told_at: dict[str, datetime] = {}

    async def met(self, sighting: Sighting, claimed: Iterable[str]) -> None:
        """Tell the phones, and take back what this track raised before it was seen through.

        ``claimed`` are the members whom the track was taken for.
        """
        for member_id in claimed:
            await self._take_back(sighting, member_id)
        place, now = self._places.get(sighting.camera_id, sighting.camera_id), self._clock()
        told_at = self._told_at.get(place)
        self._told_at[place] = now
        if told_at is None or not timedelta() <= now - told_at < QUIET:
            self._feed.publish(AttackSeen(place=place, seen_at=sighting.seen_at))

    async def _take_back(self, sighting: Sighting, member_id: str) -> None:
        def story(tx: Transaction) -> Visit | None:
            visit = tx.visits.open_of(member_id)
            if visit is None or not raised_by(sighting, visit):
                return None
            tx.audit.append(
                actor=GATEWAY,
                action="visit_taken_back",
                subject=member_id,
                reason=f"visit {visit.id}",
            )
            record_end(tx, visit, store_id=self._store_id, now=self._clock())
            return visit

        visit = await self._store.write(story)
        if visit is not None:
            self._feed.publish(VisitClosed(visit_id=visit.id))


def raised_by(sighting: Sighting, visit: Visit) -> bool:
    """Whether nothing but this track stands behind a visit: by face, unanswered, and no older."""
    unanswered = visit.arrived_by is ArrivedBy.FACE and visit.claim is Claim.POSSIBLE
    return unanswered and visit.opened_at >= sighting.first_seen_at
