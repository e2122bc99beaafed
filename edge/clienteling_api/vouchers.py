"""Vouchers at the counter. A refusal is an answer, not an error: 200 with its reason."""

from __future__ import annotations

from edge.clienteling_api import voucher_mapping as mapping
from edge.clienteling_api import wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.requests import Id
from edge.clienteling_api.routing import Reply
from edge.clienteling_api.voucher_requests import CheckRequest, RedeemRequest, StepRequest
from edge.domain import Session
from edge.flows.redemptions import Verdict


async def check_voucher(parts: Parts, guide: Session, body: CheckRequest) -> wire.Verdict:
    """Say whether a code would be redeemed now, and what it would take off."""
    verdict = await parts.redemptions.check(guide, mapping.offer(body))
    return _answer(parts, verdict, body, done=False)


async def redeem(parts: Parts, guide: Session, body: RedeemRequest) -> Reply[wire.Verdict]:
    """Redeem a voucher in one step, or reserve it.

    201 is a new redemption; 200 is a refusal, or the answer that this request had before.
    """
    offer = mapping.offer(body)
    verdict = await parts.redemptions.redeem(guide, body.request_id, offer, reserve=body.reserve)
    new = verdict.redemption is not None and not verdict.repeated
    return Reply(_answer(parts, verdict, body), status=201 if new else 200)


async def commit_redemption(
    parts: Parts, guide: Session, redemption_id: Id, body: StepRequest
) -> wire.Verdict:
    """Make a reserved use final."""
    verdict = await parts.redemptions.commit(guide, body.request_id, redemption_id)
    return _answer(parts, verdict, body)


async def release_redemption(
    parts: Parts, guide: Session, redemption_id: Id, body: StepRequest
) -> wire.Verdict:
    """Give a reserved use back."""
    verdict = await parts.redemptions.release(guide, body.request_id, redemption_id)
    return _answer(parts, verdict, body)


async def reverse_redemption(
    parts: Parts, guide: Session, redemption_id: Id, body: StepRequest
) -> wire.Verdict:
    """Undo a redemption: a guide within a minute, a manager at any time."""
    verdict = await parts.redemptions.reverse(guide, body.request_id, redemption_id)
    return _answer(parts, verdict, body)


async def voucher_life(parts: Parts, guide: Session, voucher_id: Id) -> wire.VoucherLife:
    """A voucher's life: issued, shown, reserved, redeemed, reversed, by whom and where."""
    return mapping.life(await parts.redemptions.life(voucher_id), parts.shop.id)


async def list_double_uses(parts: Parts, guide: Session) -> wire.DoubleUseList:
    """Vouchers that were redeemed more often than granted while stores were apart."""
    return mapping.double_uses(await parts.reconciliation.double_uses())


async def trust_clock(parts: Parts, guide: Session) -> None:
    """Say that the gateway's clock is right, after it had run ahead."""
    await parts.redemptions.trust_clock(guide)


def _answer(
    parts: Parts, verdict: Verdict, body: CheckRequest | StepRequest, *, done: bool = True
) -> wire.Verdict:
    return mapping.verdict(verdict, parts.shop, body.language, now=parts.clock(), done=done)
