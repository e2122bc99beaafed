"""Redemption as guides meet it: requests, reservations, members, baskets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest
from component.counter import Counterpart, open_counter
from component.flows_shop import GUIDE, MANAGER
from component.store_values import a_member, a_visit, put
from unit.voucher_values import a_basket, a_campaign, an_issued, eur

from edge.domain import (
    ArrivedBy,
    Claim,
    Reason,
    RedemptionChanged,
    RedemptionState,
    Window,
)
from edge.errors import Conflict, NotFound
from edge.flows.presenting import Offer

ANNA = a_member(id="anna", card_number="R-1001", phone="+49 171 5550123")


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counterpart]:
    async with open_counter(tmp_path / "state") as counter:
        await counter.store.write(put(ANNA))
        yield counter


# --- once ----------------------------------------------------------------------------------


async def test_a_voucher_is_redeemed_once(counter: Counterpart) -> None:
    await counter.issue()
    use = await counter.used()
    assert use.state is RedemptionState.COMMITTED
    assert (await counter.refused()).reason is Reason.USED_UP
    assert await counter.store.read(lambda reader: reader.outbox.count()) == 1


async def test_the_same_request_is_answered_the_same_whatever_happened_since(
    counter: Counterpart,
) -> None:
    await counter.issue()
    use = await counter.used(request="r1", reserve=True)
    await counter.redemptions.commit(GUIDE, "r2", use.id)
    counter.clock.move(days=2)
    again = await counter.redeem(request="r1", reserve=True)
    assert again.repeated
    assert again.redemption == use


async def test_a_request_id_with_other_content_is_refused(counter: Counterpart) -> None:
    await counter.issue()
    use = await counter.used(request="r1", reserve=True)
    with pytest.raises(Conflict, match="something else"):
        await counter.redeem(request="r1")
    with pytest.raises(Conflict, match="something else"):
        await counter.redemptions.commit(GUIDE, "r1", use.id)


async def test_a_refused_request_may_succeed_later_under_its_id(counter: Counterpart) -> None:
    await counter.issue(a_campaign(window=Window(opens=time(22), closes=time(4))))
    refusal = await counter.refused(request="r1")
    assert refusal.reason is Reason.OUTSIDE_WINDOW
    assert refusal.from_at is not None
    counter.clock.now = refusal.from_at
    assert await counter.used(request="r1")


async def test_looking_takes_nothing_and_is_remembered_as_shown(counter: Counterpart) -> None:
    await counter.issue()
    for _ in range(3):
        counter.clock.move(seconds=1)
        verdict = await counter.redemptions.check(GUIDE, Offer(code="12345678"))
        assert verdict.refusal is None
    await counter.redemptions.sweep()
    life = await counter.redemptions.life("v1")
    assert [shown.actor for shown in life.showings] == ["Ana"] * 3
    assert not life.uses


# --- reservations --------------------------------------------------------------------------


async def test_a_reservation_that_runs_out_gives_its_use_back(counter: Counterpart) -> None:
    await counter.issue()
    use = await counter.used(reserve=True)
    assert (await counter.refused()).reason is Reason.USED_UP
    counter.clock.move(seconds=600)
    late = await counter.redemptions.commit(GUIDE, "late", use.id)
    assert late.refusal is not None
    assert late.refusal.reason is Reason.RESERVATION_ENDED
    assert await counter.redemptions.sweep() == 1
    assert await counter.used()


async def test_an_unswept_reservation_does_not_stand_in_the_way(counter: Counterpart) -> None:
    await counter.issue()
    await counter.used(reserve=True)
    counter.clock.move(seconds=600)
    assert await counter.used()


async def test_what_is_undone_may_be_redeemed_again(counter: Counterpart) -> None:
    await counter.issue()
    use = await counter.used()
    await counter.redemptions.reverse(GUIDE, "u1", use.id)
    other = await counter.used()
    counter.clock.move(minutes=2)
    late = await counter.redemptions.reverse(GUIDE, "u2", other.id)
    assert late.refusal is not None
    assert late.refusal.reason is Reason.UNDO_OVER
    undone = await counter.redemptions.reverse(MANAGER, "u3", other.id)
    assert undone.redemption is not None
    life = await counter.redemptions.life("v1")
    assert [step.state.value for use in life.uses for step in use.steps] == [
        "committed", "reversed", "committed", "reversed"
    ]  # fmt: skip
    assert [step.actor for step in life.uses[1].steps] == ["Ana", "Bo"]


async def test_phones_hear_of_each_use_once(counter: Counterpart) -> None:
    await counter.issue()
    await counter.used(request="r1")
    await counter.used(request="r1")
    await counter.refused()
    assert counter.feed.sequence == 1
    with counter.feed.subscribe(counter.feed.epoch, 0) as heard:
        assert isinstance((await heard.next()).event, RedemptionChanged)


async def test_what_nobody_knows_is_not_found(counter: Counterpart) -> None:
    with pytest.raises(NotFound):
        await counter.redemptions.commit(GUIDE, "r", "nothing")
    with pytest.raises(NotFound):
        await counter.redemptions.life("nothing")


# --- members -------------------------------------------------------------------------------


@pytest.mark.parametrize("proof", [{"member_code": "R-1001"}, {"member_phone": "+491715550123"}])
async def test_card_or_number_prove_the_member(counter: Counterpart, proof: dict[str, str]) -> None:
    campaign = a_campaign()
    await counter.issue(campaign, an_issued(campaign, member_id="anna"))
    assert (await counter.refused()).reason is Reason.NEEDS_MEMBER
    assert (await counter.refused(member_code="R-9999")).reason is Reason.UNKNOWN_MEMBER
    assert (await counter.used(**proof)).member_id == "anna"


@pytest.mark.parametrize(
    ("arrived_by", "claim", "proven"),
    [
        (ArrivedBy.FACE, Claim.POSSIBLE, False),
        (ArrivedBy.FACE, Claim.CONFIRMED, False),
        (ArrivedBy.GUIDE, Claim.CERTAIN, False),
        (ArrivedBy.CODE, Claim.CERTAIN, True),
    ],
)
async def test_a_face_match_never_authorises_value(
    counter: Counterpart, arrived_by: ArrivedBy, claim: Claim, proven: bool
) -> None:
    campaign = a_campaign()
    await counter.issue(campaign, an_issued(campaign, member_id="anna"))
    await counter.store.write(put(a_visit(ANNA, id="visit", arrived_by=arrived_by, claim=claim)))
    verdict = await counter.redeem(visit_id="visit")
    if proven:
        assert verdict.redemption is not None
    else:
        assert verdict.refusal is not None
        assert verdict.refusal.reason is Reason.NEEDS_MEMBER


async def test_a_limit_for_each_member_counts_all_their_vouchers(counter: Counterpart) -> None:
    campaign = a_campaign(per_member=1)
    issued = [an_issued(campaign, id=f"v{n}", code=f"1234567{n}") for n in range(2)]
    await counter.issue(campaign, *issued)
    await counter.used("12345670", member_code="R-1001")
    refusal = await counter.refused("12345671", member_code="R-1001")
    assert refusal.reason is Reason.MEMBER_LIMIT


# --- baskets -------------------------------------------------------------------------------


async def test_vouchers_on_one_basket_know_of_each_other(counter: Counterpart) -> None:
    stacking = a_campaign(id="stacking", stacks=True, floor=eur(12))
    alone = a_campaign(id="alone")
    issued = [an_issued(stacking, id=f"s{n}", code=f"s{n}") for n in range(3)]
    await counter.issue(stacking, *issued)
    await counter.issue(alone, an_issued(alone, id="a", code="a"))
    basket = a_basket(20)
    assert (await counter.used("s0", basket=basket)).discount == eur("5.00")
    assert (await counter.refused("a", basket=basket)).reason is Reason.NOT_COMBINABLE
    second = await counter.used("s1", basket=basket)
    assert second.discount == eur("3.00"), "the floor holds all of them up together"
    assert (await counter.refused("s2", basket=basket)).reason is Reason.BELOW_FLOOR
    await counter.redemptions.reverse(GUIDE, "u", second.id)
    assert (await counter.used("s2", basket=basket)).discount == eur("3.00")


async def test_the_budget_counts_what_was_taken_off(counter: Counterpart) -> None:
    campaign = a_campaign(budget=eur("12.00"), uses=9)
    await counter.issue(campaign)
    uses = [await counter.used(basket=a_basket(20, id=f"b{n}")) for n in range(2)]
    basket = a_basket(20, id="b9")
    assert (await counter.refused(basket=basket)).reason is Reason.BUDGET_SPENT
    await counter.redemptions.reverse(GUIDE, "u", uses[0].id)
    assert await counter.used(basket=basket)
    tally = await counter.store.read(lambda reader: reader.redemptions.tally("campaign", "cone"))
    assert tally.spent == Decimal("10.00")
