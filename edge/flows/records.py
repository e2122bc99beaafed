"""What a change of a visit writes beside the visit: message to headquarters, audit entry."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from edge import contract
from edge.domain import Visit, new_id
from edge.flows.cards import GATEWAY, SHOWN, VIEWED
from edge.rules.visit import Extended, Opened, Outcome, Unchanged, close
from edge.store import Transaction


class Envelope(TypedDict):
    """The fields that every message to headquarters has."""

    message_id: str
    store_id: str
    at: datetime


def envelope(store_id: str, now: datetime) -> Envelope:
    """A new message's own id, sender and time."""
    return Envelope(message_id=new_id(), store_id=store_id, at=now)


def record_arrival(
    tx: Transaction, outcome: Outcome, *, actor: str, store_id: str, now: datetime
) -> None:
    """Write an arrival. The card that an alert shows is audited like one that is opened."""
    if isinstance(outcome, Unchanged):
        return
    visit = outcome.visit
    tx.visits.put(visit)
    if isinstance(outcome, Opened):
        message = contract.VisitOpened(
            visit_id=visit.id,
            member_id=visit.member_id,
            arrived_by=visit.arrived_by,
            **envelope(store_id, now),
        )
        tx.outbox.put(message)
    if not isinstance(outcome, Extended):
        tx.audit.append(
            actor=actor,
            action=SHOWN if actor == GATEWAY else VIEWED,
            subject=visit.member_id,
            reason=f"arrival by {visit.arrived_by}, visit {visit.id}",
        )


def record_answer(
    tx: Transaction, visit: Visit, *, actor: str, store_id: str, now: datetime
) -> None:
    """Write what a guide answered; a visit that ended by it was refused."""
    tx.visits.put(visit)
    tx.audit.append(
        actor=actor,
        action="visit_confirmed" if visit.open else "visit_refused",
        subject=visit.member_id,
        reason=f"visit {visit.id}",
    )
    message = contract.VisitAnswered(
        visit_id=visit.id,
        member_id=visit.member_id,
        claim=visit.claim,
        **envelope(store_id, now),
    )
    tx.outbox.put(message)


def record_end(tx: Transaction, visit: Visit, *, store_id: str, now: datetime) -> None:
    """Close a visit, or write one that its new claim has closed already."""
    tx.visits.put(close(visit, now))
    message = contract.VisitClosed(
        visit_id=visit.id, member_id=visit.member_id, **envelope(store_id, now)
    )
    tx.outbox.put(message)
