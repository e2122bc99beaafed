"""A claim file that is handed over on the setup page."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET

from edge.clienteling_api import wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.setup_requests import ClaimRequest
from edge.contract import StoreClaim
from edge.domain import ClaimFault, Session
from edge.errors import ClaimRefused
from edge.flows.admission import ClaimState, Unconfirmed


async def take_claim_in(parts: Parts, guide: Session, body: ClaimRequest) -> wire.ClaimView:
    """Hand a claim file of headquarters over, by which this machine becomes a store of the chain.

    A machine that knows its headquarters asks nobody; another keeps nothing until a person has
    compared the fingerprint. What becomes of it stands in the settings, and the gateway opens anew
    as the store.
    """
    authority = None if body.authority is UNSET else body.authority
    try:
        taken = await parts.first_run.claiming.take_in(guide, body.file.encode(), authority)
    except ClaimRefused as refused:
        fault = ClaimFault(refused.fault)
        return wire.ClaimView(state="refused", said=refused.message, fault=fault)
    if isinstance(taken, Unconfirmed):
        return _shown("unconfirmed", taken.claim, authority=taken.authority)
    return _shown("waiting", taken)


def view(now: ClaimState) -> wire.ClaimView | None:
    """The claim that waits, or the refusal of the last one; None where there is neither."""
    if now.claim is not None:
        return _shown("waiting", now.claim, said=now.said.text if now.said else None)
    if now.said is not None:
        return wire.ClaimView(state="refused", said=now.said.text, fault=now.said.fault)
    return None


def _shown(
    state: Literal["unconfirmed", "waiting"],
    claim: StoreClaim,
    *,
    authority: str | None = None,
    said: str | None = None,
) -> wire.ClaimView:
    return wire.ClaimView(
        state=state,
        store_id=claim.store.id,
        store_name=claim.store.name,
        headquarters=claim.admissions,
        authority=authority,
        expires_at=claim.expires_at,
        said=said,
    )
