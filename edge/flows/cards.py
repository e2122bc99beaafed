"""A member as guides see them, read in the transaction of the story that shows them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from edge.domain import CardSummary, Claim, Visit, VisitDetails
from edge.errors import NotFound
from edge.rules.card import summarise
from edge.store import Reader

RECENT_PURCHASES = 5
VISITS_LOOKED_AT = 1000

GATEWAY = "gateway"
"""The actor of what happens without a person's hand."""

SHOWN = "card_shown"
"""An alert put the card on the phones of all guides."""

VIEWED = "card_viewed"
"""A guide opened the card."""


def visit_details(reader: Reader, visit: Visit, now: datetime, tz: ZoneInfo) -> VisitDetails:
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
    )


def summary_of(reader: Reader, member_id: str, now: datetime, tz: ZoneInfo) -> CardSummary:
    """The card's derived lines; refused visits and the stay that is going on do not count."""
    visits = reader.visits.of(member_id, limit=VISITS_LOOKED_AT)
    past = [v.opened_at for v in visits if not v.open and v.claim is not Claim.REFUSED]
    return summarise(reader.purchases.of(member_id), past, now, tz)


def face_enrolled(reader: Reader, member_id: str) -> bool:
    """Whether the door can recognise this member: an active consent, and a template."""
    consent = reader.consents.active_of(member_id)
    return consent is not None and reader.templates.count_of(member_id) > 0
