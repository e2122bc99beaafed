"""Guards: how much care "not them" asks for, how long, and that it can shut nobody out.

A guard only holds a naming back: whoever is named with guards is named without them, and the
other way round the answer is that member or ``Nobody.GUARDED``. Nothing here depends on a score
that was seen, because the score of a stranger is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.domain import (
    ArrivedBy,
    Claim,
    Guard,
    Nobody,
    Recognised,
    Recognition,
    Sighting,
    Visit,
    new_id,
)
from edge.rules.identity import Thresholds

STEP = 0.04
"""Score that one guard on a member asks on top.

Measured with SFace on LFW, 155 members with three photos each: of strangers named once, 17 % of
their other photos were named as the same member again; one step more leaves 3.5 %, two steps
none. The member pays with 0.9 % of single photos for one step and 2 % for two."""

LEAD = 0.12
"""Lead over the other of a pair, or over a look-alike, on top of the usual margin.

Measured as above: of perfect twins, played by other photos of the same person, a margin of 0.04
names 27 % wrongly, 0.16 names 1.9 %, of two fused shots 0.7 %. Real look-alikes pay with 0.4 %."""

STEPS_MAX = 2
"""Further mistakes renew the guards and make them no higher."""

FRESH = timedelta(minutes=2)
"""For so long after "not them" a guard counts as ``STEPS_MAX``: whoever was refused is likely to
be still at the door, where the next track of them looks like the last."""

LASTS = timedelta(days=30)
LASTS_PAIR = timedelta(days=180)
"""Longer: the likeness stays, and a pair costs its members next to nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """What naming a member takes: ``steps`` more score, ``LEAD`` more over ``against``."""

    steps: int = 0
    against: frozenset[str] = frozenset()


def caution(
    member_id: str, guards: Iterable[Guard], look_alikes: Iterable[str], now: datetime
) -> Caution:
    """The care that a member's guards and look-alikes ask for at a time."""
    held = [guard for guard in in_force(guards, now) if concerns(guard, member_id)]
    alone = [guard for guard in held if guard.other_id is None]
    fresh = any(now - guard.set_at < FRESH for guard in alone)
    others = (guard.beside(member_id) for guard in held)
    return Caution(
        steps=STEPS_MAX if fresh else min(len(alone), STEPS_MAX),
        against=frozenset(filter(None, others)) | frozenset(look_alikes),
    )


def heed(
    recognition: Recognition,
    sighting: Sighting,
    thresholds: Thresholds,
    care: Caution,
    refused: frozenset[str] = frozenset(),
) -> Recognition:
    """The decision of ``rules.identity`` again, with the care that its member asks for.

    ``refused`` as there: who was refused on this track is no rival any more.
    """
    if not isinstance(recognition, Recognised):
        return recognition
    rivals = (care.against - {recognition.member_id}) - refused
    lead = min(
        (recognition.score - c.score for c in sighting.candidates if c.member_id in rivals),
        default=float("inf"),
    )
    near = recognition.score < thresholds.least_score(sighting) + care.steps * STEP
    guarded = (near and care.steps > 0) or lead < thresholds.margin + LEAD
    return Nobody.GUARDED if guarded else recognition


def in_force(guards: Iterable[Guard], now: datetime) -> list[Guard]:
    """Those that have not ended."""
    return [guard for guard in guards if now < guard.ends_at]


def concerns(guard: Guard, member_id: str) -> bool:
    """Whether a guard is about this member; a pair is about both."""
    return member_id in (guard.member_id, guard.other_id)


def misled(visit: Visit) -> bool:
    """Whether "not them" about this open visit says that the face was wrong.

    A code, a phone number or a guide who knew the member speaks for the visit otherwise.
    """
    by_face = visit.arrived_by is ArrivedBy.FACE
    return by_face and visit.claim in (Claim.POSSIBLE, Claim.CONFIRMED)


def guard_alone(member_id: str, *, by: str, now: datetime) -> Guard:
    """A guard on a member who was named where somebody unknown stood."""
    return Guard(id=new_id(), member_id=member_id, set_by=by, set_at=now, ends_at=now + LASTS)


def guard_pair(named: str, really: str, *, by: str, now: datetime) -> Guard:
    """A guard on two members of whom one was named for the other."""
    return Guard(
        id=new_id(),
        member_id=named,
        other_id=really,
        set_by=by,
        set_at=now,
        ends_at=now + LASTS_PAIR,
    )


def superseded(guard: Guard, others: Sequence[Guard]) -> list[Guard]:
    """The older guards that a new one makes superfluous, so that there are never many.

    Of a pair the newest counts; of guards on one member alone the newest ``STEPS_MAX``.
    """
    about = {guard.member_id, guard.other_id}
    same = [other for other in others if {other.member_id, other.other_id} == about]
    same.sort(key=lambda other: other.set_at, reverse=True)
    return same if guard.other_id is not None else same[STEPS_MAX - 1 :]
