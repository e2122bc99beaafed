"""What a step of a redemption writes: the use with its tallies, the step, word to headquarters."""

from __future__ import annotations

from edge import contract
from edge.domain import Redemption, RedemptionState, Session, Step
from edge.flows.cards import GATEWAY
from edge.flows.records import envelope
from edge.store import Transaction

TOLD = (RedemptionState.COMMITTED, RedemptionState.REVERSED)
"""What headquarters hears of; reservations are this store's own business."""


def record_step(
    tx: Transaction, use: Redemption, *, request_id: str, content: str, guide: Session | None
) -> None:
    """Write a use as a request left it; ``guide`` is None where time alone did it.

    A request that found the use as it wanted it is remembered too, and told to nobody.
    """
    before = tx.redemptions.get(use.id)
    step = Step(
        request_id=request_id,
        content=content,
        redemption_id=use.id,
        state=use.state,
        actor=guide.guide_name if guide else GATEWAY,
        device=guide.device if guide else "",
        at=use.changed_at,
    )
    tx.redemptions.put(use, step)
    if use.state in TOLD and use != before:
        tx.outbox.put(_message(use))


def _message(use: Redemption) -> contract.RedemptionChanged:
    return contract.RedemptionChanged(
        redemption_id=use.id,
        voucher_id=use.voucher_id,
        campaign_id=use.campaign_id,
        state=use.state,
        member_id=use.member_id,
        lease_id=use.lease_id,
        discount=f"{use.discount.amount:f}" if use.discount else None,
        currency=use.discount.currency if use.discount else None,
        **envelope(use.store_id, use.changed_at),
    )
