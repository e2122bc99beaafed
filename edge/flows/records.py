"""What a change of a visit writes beside the visit: message to headquarters, audit entry."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from edge import contract
from edge.domain import Session, Visit, new_id
from edge.flows.cards import GATEWAY, SHOWN, VIEWED
from edge.rules.visit import Opened, Outcome, Unchanged, close
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
    tx: Transaction, outcome: Outcome, *, guide: Session | None, store_id: str, now: datetime
) -> None:
    """Write an arrival; ``guide`` typed it, or None saw it at the door.

    Audited is every card that is shown by it: to all phones by an alert, to a guide always.
    """
    visit = outcome.visit
    if not isinstance(outcome, Unchanged):
        tx.visits.put(visit)
    if isinstance(outcome, Opened):
        message = contract.VisitOpened(
            visit_id=visit.id,
            member_id=visit.member_id,
            arrived_by=visit.arrived_by,
            **envelope(store_id, now),
        )
        tx.outbox.put(message)
    if guide is not None or isinstance(outcome, Opened):
        tx.audit.append(
            actor=guide.guide_name if guide else GATEWAY,
            action=VIEWED if guide else SHOWN,
            subject=visit.member_id,
            reason=f"arrival, visit {visit.id}",
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
