"""A visit's life as pure functions: opened, extended, answered, closed.

    nobody here --arrive--> open POSSIBLE (face) or CERTAIN (code, phone, guide)
    open        --arrive--> last_seen_at grows; typed evidence makes the claim CERTAIN
    open        --answer--> CONFIRMED, or REFUSED and closed
    open        --absent--> closed; a closed visit never opens again

A member has at most one open visit, whichever cameras see them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edge.domain import ArrivedBy, Claim, Visit, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A sign that a member is here."""

    member_id: str
    arrived_by: ArrivedBy
    place: str
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A stay began."""

    visit: Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The claim of an open visit became stronger."""

    visit: Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    """The stay goes on; only ``last_seen_at`` moved."""

    visit: Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """Nothing new: the sign is older than what is known."""

    visit: Visit


Outcome = Opened | Raised | Extended | Unchanged


def arrive(visit: Visit | None, arrival: Arrival) -> Outcome:
    """What a sign of a member means, given their latest visit, if any.

    A visit that has ended (refused ones have) is not extended: a new one opens.
    """
    if visit is None or not visit.open:
        return Opened(visit=_begin(arrival))
    seen = replace(visit, last_seen_at=max(visit.last_seen_at, arrival.seen_at))
    if arrival.arrived_by is not ArrivedBy.FACE and visit.claim is not Claim.CERTAIN:
        return Raised(visit=replace(seen, claim=Claim.CERTAIN))
    return Unchanged(visit=visit) if seen == visit else Extended(visit=seen)


def _begin(arrival: Arrival) -> Visit:
    by_face = arrival.arrived_by is ArrivedBy.FACE
    return Visit(
        id=new_id(),
        member_id=arrival.member_id,
        arrived_by=arrival.arrived_by,
        claim=Claim.POSSIBLE if by_face else Claim.CERTAIN,
        place=arrival.place,
        opened_at=arrival.seen_at,
        last_seen_at=arrival.seen_at,
    )


def answer(visit: Visit, *, confirmed: bool, by: str, now: datetime) -> Visit | None:
    """The visit after a guide's answer; None when it has ended and takes no other answer.

    "Confirmed" keeps a CERTAIN claim certain. "Not them" ends the visit. The same answer
    given again changes nothing.
    """
    if not visit.open:
        return visit if visit.claim is Claim.REFUSED and not confirmed else None
    if not confirmed:
        return replace(visit, claim=Claim.REFUSED, answered_by=by, answered_at=now, closed_at=now)
    if visit.answered_by is not None:
        return visit
    claim = Claim.CERTAIN if visit.claim is Claim.CERTAIN else Claim.CONFIRMED
    return replace(visit, claim=claim, answered_by=by, answered_at=now)


def absent(visit: Visit, now: datetime, absence_s: float) -> bool:
    """Whether the last sign of an open visit is at least ``absence_s`` seconds old."""
    return visit.open and now - visit.last_seen_at >= timedelta(seconds=absence_s)


def close(visit: Visit, now: datetime) -> Visit:
    """The visit, ended; one that has ended already stays as it is."""
    return replace(visit, closed_at=now) if visit.open else visit


def lose_claim(visit: Visit, now: datetime) -> Visit:
    """The visit after its member withdrew the consent that a claim by face stood on.

    A visit that only a face opened ends, its claim REFUSED, even where a guide confirmed
    it; one that a code, a phone number or a guide vouches for goes on.
    """
    by_face = visit.arrived_by is ArrivedBy.FACE and visit.claim is not Claim.CERTAIN
    if not by_face or not visit.open:
        return visit
    return replace(visit, claim=Claim.REFUSED, closed_at=now)
