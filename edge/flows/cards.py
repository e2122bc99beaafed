"""A member as guides see them, read in the transaction of the story that shows them."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from edge.domain import CardSummary, Claim, Member, Visit, VisitDetails
from edge.errors import NotFound
from edge.flows.look_alikes import LookAlikes
from edge.rules.card import summarise
from edge.rules.guard import in_force
from edge.store import Reader

RECENT_PURCHASES = 5
LIKENESSES_SHOWN = 3
VISITS_LOOKED_AT = 1000

GATEWAY = "gateway"
"""The actor of what happens without a person's hand."""

SHOWN = "card_shown"
"""An alert put the card on the phones of all guides."""

VIEWED = "card_viewed"
"""A guide opened the card."""


def visit_details(
    reader: Reader, visit: Visit, now: datetime, tz: ZoneInfo, alike: LookAlikes
) -> VisitDetails:
    """A visit with what a guide needs before the greeting."""
    member = reader.members.get(visit.member_id)
    if member is None:
        raise NotFound("this member is no longer here; load the list again")
    return VisitDetails(
        visit=visit,
        member=member,
        face_enrolled=face_enrolled(reader, member.id),
        summary=summary_of(reader, member.id, now, tz),
        recent_purchases=tuple(reader.purchases.of(member.id, limit=RECENT_PURCHASES)),
        look_alikes=tuple(other.name for other in likenesses(reader, member.id, now, alike)),
    )


def likenesses(reader: Reader, member_id: str, now: datetime, alike: LookAlikes) -> list[Member]:
    """Members whom this one looks like, or was taken for, as long as both are enrolled."""
    guards = in_force(reader.guards.of(member_id), now)
    taken_for = {other for guard in guards if (other := guard.beside(member_id)) is not None}
    if reader.consents.active_of(member_id) is None:
        return []
    others = (
        reader.members.get(other)
        for other in sorted(alike.of(member_id) | taken_for)
        if reader.consents.active_of(other) is not None
    )
    return list(islice((other for other in others if other is not None), LIKENESSES_SHOWN))


def summary_of(reader: Reader, member_id: str, now: datetime, tz: ZoneInfo) -> CardSummary:
    """The card's derived lines; refused visits and the stay that is going on do not count."""
    visits = reader.visits.of(member_id, limit=VISITS_LOOKED_AT)
    past = [v.opened_at for v in visits if not v.open and v.claim is not Claim.REFUSED]
    return summarise(reader.purchases.of(member_id), past, now, tz)


def face_enrolled(reader: Reader, member_id: str) -> bool:
    """Whether the door can recognise this member: an active consent, and a template."""
    consent = reader.consents.active_of(member_id)
    return consent is not None and reader.templates.count_of(member_id) > 0
