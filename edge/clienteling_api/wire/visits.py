"""Visits and the card."""

from __future__ import annotations

from datetime import datetime

from edge.clienteling_api.wire.body import Response
from edge.clienteling_api.wire.members import MemberView
from edge.domain import ArrivedBy, CardSummary, Claim, Member, Note, Purchase


class VisitView(Response, frozen=True, kw_only=True):
    """A visit with all that an alert shows. ``look_alikes`` are names to tell apart from."""

    id: str
    arrived_by: ArrivedBy
    claim: Claim
    place: str
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    answered_by: str | None
    member: MemberView
    summary: CardSummary
    recent_purchases: list[Purchase]
    look_alikes: tuple[str, ...]


class Position(Response, frozen=True, kw_only=True):
    """A place in the feed: connect with ``?epoch=…&after=…`` to hear all that follows."""

    epoch: str
    sequence: int


class VisitList(Response, frozen=True, kw_only=True):
    visits: list[VisitView]
    position: Position


class GuardView(Response, frozen=True, kw_only=True):
    """A guard that a guide's "not them" set, on a member alone or on two taken for each other."""

    id: str
    member_id: str
    member_name: str
    other_id: str | None
    other_name: str | None
    set_by: str
    set_at: datetime
    ends_at: datetime


class GuardList(Response, frozen=True, kw_only=True):
    guards: list[GuardView]


class Card(Response, frozen=True, kw_only=True):
    """The whole member card. Each view of it is written to the audit log."""

    member: Member
    summary: CardSummary
    purchases: list[Purchase]
    notes: list[Note]
    open_visit: VisitView | None
    consent_id: str | None
    templates: int
    look_alikes: list[MemberView]
    guards: list[GuardView]
