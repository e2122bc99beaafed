"""Redemption when the clock jumps, when somebody guesses, and when stores are apart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from component.counter import CAP, Counterpart, open_counter
from component.flows_shop import GUIDE, MANAGER
from component.store_values import START
from unit.voucher_values import a_campaign, an_issued, eur

from edge.domain import (
    ForeignUse,
    Reason,
    RedemptionState,
)
from edge.flows.presenting import Offer
from edge.rules.guessing import WRONG_TRIES, WRONG_WINDOW

BOTH = ("lyon-1", "lyon-2")


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counterpart]:
    async with open_counter(tmp_path / "state") as counter:
        yield counter


async def test_a_clock_set_back_behind_the_last_redemption_is_noticed_after_a_restart(
    tmp_path: Path,
) -> None:
    campaign = a_campaign(valid_until=START.replace(year=2027), uses=9)
    async with open_counter(tmp_path / "state") as counter:
        await counter.issue(campaign)
        counter.clock.move(days=400)
        await counter.store.write(lambda tx: tx.redemptions.see(counter.clock()))
    async with open_counter(tmp_path / "state") as counter:
        refusal = await counter.refused()
        assert refusal.reason is Reason.CLOCK_WENT_BACK
        await counter.redemptions.trust_clock(MANAGER)
        assert await counter.used()
        tail = await counter.store.read(lambda reader: reader.audit.tail(1))
        assert tail[0].action == "clock_trusted"


async def test_a_clock_set_forward_ends_vouchers_and_the_way_back_needs_a_manager(
    counter: Counterpart,
) -> None:
    campaign = a_campaign(valid_until=START.replace(month=12))
    forever = a_campaign(id="forever", uses=2)
    await counter.issue(campaign)
    await counter.issue(forever, an_issued(forever, id="f", code="f"))
    counter.clock.move(days=365)
    assert (await counter.refused()).reason is Reason.EXPIRED
    await counter.used("f")
    counter.clock.move(days=-365)
    assert (await counter.refused()).reason is Reason.CLOCK_WENT_BACK
    assert await counter.used("f"), "what knows no time is redeemed all the same"


# --- guessing ------------------------------------------------------------------------------


async def test_guessing_closes_one_phone_s_door_and_no_other(counter: Counterpart) -> None:
    await counter.issue()
    for wrong in range(WRONG_TRIES):
        assert (await counter.refused(f"9999{wrong:04}")).reason is Reason.UNKNOWN_CODE
    barred = await counter.refused()
    assert barred.reason is Reason.TOO_MANY_TRIES
    assert barred.from_at == counter.clock() + WRONG_WINDOW
    looked = await counter.redemptions.check(GUIDE, Offer(code="12345678"))
    assert looked.refusal == barred
    other = replace(GUIDE, id="another-phone")
    assert await counter.used(by=other)
    counter.clock.now = barred.from_at
    assert (await counter.refused()).reason is Reason.USED_UP


# --- revoked -------------------------------------------------------------------------------


async def test_a_revoked_voucher_is_refused_from_then_on(counter: Counterpart) -> None:
    await counter.issue(a_campaign(uses=2))
    await counter.used()
    await counter.store.write(lambda tx: tx.vouchers.revoke("voucher", "v1", START))
    assert (await counter.refused()).reason is Reason.REVOKED


# --- other stores --------------------------------------------------------------------------


def elsewhere(number: int = 1, **changes: object) -> ForeignUse:
    use = ForeignUse(
        id=f"foreign-{number}",
        voucher_id="v1",
        campaign_id="cone",
        member_id=None,
        store_id="lyon-2",
        discount=eur(5),
        state=RedemptionState.COMMITTED,
        at=START,
    )
    return replace(use, **changes)  # type: ignore[arg-type]


async def test_without_a_lease_the_cap_counts_until_headquarters_has_the_uses(
    counter: Counterpart,
) -> None:
    await counter.issue(a_campaign(stores=BOTH, uses=9))
    uses = [await counter.used() for _ in range(CAP)]
    assert (await counter.refused()).reason is Reason.NO_LEASE
    await counter.reconciliation.reconcile([], [use.id for use in uses])
    assert await counter.used()


async def test_a_voucher_used_elsewhere_is_used_up_here(counter: Counterpart) -> None:
    await counter.issue(a_campaign(stores=BOTH))
    assert await counter.reconciliation.reconcile([elsewhere()]) == []
    assert (await counter.refused()).reason is Reason.USED_UP
    undone = elsewhere(state=RedemptionState.REVERSED)
    await counter.reconciliation.reconcile([undone])
    assert await counter.used()


async def test_what_was_redeemed_twice_while_apart_is_found_and_kept(
    counter: Counterpart,
) -> None:
    await counter.issue(a_campaign(stores=BOTH))
    ours = await counter.used()
    for _ in range(2):
        (double,) = await counter.reconciliation.reconcile([elsewhere()], [ours.id])
        assert (double.voucher_id, double.granted, double.redeemed) == ("v1", 1, 2)
        assert double.stores == BOTH
    assert await counter.reconciliation.double_uses() == [double]
    await counter.reconciliation.reconcile([elsewhere(state=RedemptionState.REVERSED)])
    assert await counter.reconciliation.double_uses() == []
