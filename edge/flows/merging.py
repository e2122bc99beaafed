"""Two members become one as headquarters says, or a member is forgotten for good.

Face matching of the one who is merged away ends here: nobody agreed to be matched as the other,
and a merge that was wrong must put no stranger's face on a member's card. Their visits, notes,
purchases, and the consents they had, stand under the survivor.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from edge import contract
from edge.contract import HEADQUARTERS, EndedBy
from edge.domain import Consent
from edge.flows.records import envelope, record_end
from edge.flows.withdrawals import Withdrawal, end_consent
from edge.store import Transaction


def merge_members(
    tx: Transaction, merged: contract.MemberMerged, *, store_id: str, now: datetime
) -> list[Withdrawal]:
    """Let a member's id stand for another's; the same again changes nothing."""
    loser = tx.members.exactly(merged.member_id)
    withdrawals = []
    if loser is not None:
        withdrawals = _end_matching(tx, loser.id, "merged into another member", store_id, now)
        visit = tx.visits.open_of(loser.id)
        if visit is not None and tx.visits.open_of(merged.survivor_id) is not None:
            record_end(tx, visit, store_id=store_id, now=now)
        found = tx.members.exactly(merged.survivor_id)
        if found is None:  # headquarters tells of them later
            nameless = replace(loser, id=merged.survivor_id, card_number=None, phone=None)
            tx.members.put(nameless)
        tx.merging.move(loser.id, merged.survivor_id)
        if found is None:
            tx.members.put(replace(loser, id=merged.survivor_id))
        tx.audit.append(
            actor=HEADQUARTERS,
            action="member_merged",
            subject=merged.survivor_id,
            reason=f"{loser.id} is the same person",
        )
    tx.merging.name(merged.member_id, merged.survivor_id)
    return withdrawals


def erase_member(
    tx: Transaction, erased: contract.MemberErased, *, store_id: str, now: datetime
) -> list[Withdrawal]:
    """Forget a member, and tell headquarters the proof. Having been heard once it does so never
    again. The audit log keeps its entries, which name nobody but by id.
    """
    if tx.exchange.heard(erased.message_id):
        return []
    tx.exchange.hear(erased.message_id)
    member_id = erased.member_id
    withdrawals = _end_matching(tx, member_id, "erased", store_id, now)
    tx.guards.remove_of(member_id)
    tx.templates.erase(member_id)
    tx.merging.erase(member_id)
    proof = tx.audit.append(
        actor=HEADQUARTERS,
        action="member_erased",
        subject=member_id,
        reason="forgotten at the member's request, told by headquarters",
    )
    tx.outbox.put(
        contract.ErasureProven(
            member_id=member_id,
            audit_sequence=proof.sequence,
            audit_hash=proof.hash,
            signature=proof.signature,
            **envelope(store_id, now),
        )
    )
    return withdrawals


def _end_matching(
    tx: Transaction, member_id: str, why: str, store_id: str, now: datetime
) -> list[Withdrawal]:
    consent: Consent | None = tx.consents.active_of(member_id)
    if consent is None:
        return []
    return [
        end_consent(
            tx,
            consent,
            actor=HEADQUARTERS,
            why=why,
            store_id=store_id,
            now=now,
            ended_by=EndedBy.HEADQUARTERS,
        )
    ]
