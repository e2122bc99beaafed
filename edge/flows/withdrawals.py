"""The way out: ending a consent, whoever ends it, with a signed entry as proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from edge import contract
from edge.contract import EndedBy
from edge.domain import AuditEntry, Consent
from edge.flows.records import envelope, record_end
from edge.rules.visit import lose_claim
from edge.store import Reader, Transaction

WITHDRAWN = "consent_withdrawn"
ENTRIES_SEARCHED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A consent that has ended. ``proof`` is the signed audit entry of the erasure.

    ``closed_visits`` are the open visits that had stood on the face alone.
    """

    consent: Consent
    templates_erased: int
    proof: AuditEntry
    closed_visits: tuple[str, ...] = ()


def end_consent(
    tx: Transaction,
    consent: Consent,
    *,
    actor: str,
    why: str,
    store_id: str,
    now: datetime,
    ended_by: EndedBy = EndedBy.MEMBER,
) -> Withdrawal:
    """Erase the templates (their key is destroyed first) and end consent, guards and claims.

    The same again finds the entry of the first time.
    """
    if not consent.active:
        return Withdrawal(consent=consent, templates_erased=0, proof=_proof(tx, consent))
    ended = replace(consent, withdrawn_at=now)
    erased = tx.templates.erase(consent.member_id)
    tx.guards.remove_of(consent.member_id)
    tx.consents.put(ended)
    closed = _close_claims(tx, consent.member_id, store_id, now)
    message = contract.ConsentWithdrawn(
        consent_id=consent.id,
        member_id=consent.member_id,
        ended_by=ended_by,
        **envelope(store_id, now),
    )
    tx.outbox.put(message)
    proof = tx.audit.append(
        actor=actor,
        action=WITHDRAWN,
        subject=consent.member_id,
        reason=f"consent {consent.id} {why}; key destroyed, {erased} templates erased",
    )
    tx.outbox.put(
        contract.DeletionProven(
            consent_id=consent.id,
            member_id=consent.member_id,
            audit_sequence=proof.sequence,
            audit_hash=proof.hash,
            signature=proof.signature,
            **envelope(store_id, now),
        )
    )
    return Withdrawal(consent=ended, templates_erased=erased, proof=proof, closed_visits=closed)


def _close_claims(tx: Transaction, member_id: str, store_id: str, now: datetime) -> tuple[str, ...]:
    visit = tx.visits.open_of(member_id)
    after = lose_claim(visit, now) if visit else None
    if after is None or after.open:
        return ()
    record_end(tx, after, store_id=store_id, now=now)
    return (after.id,)


def _proof(reader: Reader, consent: Consent) -> AuditEntry:
    entries = reader.audit.of(consent.member_id, ENTRIES_SEARCHED)
    return next(e for e in entries if e.action == WITHDRAWN and consent.id in e.reason)
