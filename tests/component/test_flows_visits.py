"""Stays that a guide opens, and how every stay ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from component.flows_shop import (
    ABSENCE_S,
    GUIDE,
    MANAGER,
    Shop,
    open_shop,
    visit_events,
    visits_of,
)

from edge.domain import (
    Claim,
    VisitChanged,
    VisitClosed,
)
from edge.errors import BadRequest, NotFound
from edge.rules.profile import Profile


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def test_code_phone_and_guide_open_certain_visits(shop: Shop) -> None:
    by_code = await shop.members.create(GUIDE, Profile(name="A", card_number="CARD-1"))
    by_phone = await shop.members.create(GUIDE, Profile(name="B", phone="+33 478 12 34 56"))
    by_guide = await shop.members.create(GUIDE, Profile(name="C"))
    arrived = [
        await shop.arrivals.typed(GUIDE, code="card-1"),
        await shop.arrivals.typed(GUIDE, phone="0033478123456"),
        await shop.arrivals.typed(GUIDE, member_id=by_guide.id),
    ]
    assert [a.details.member.id for a in arrived] == [by_code.id, by_phone.id, by_guide.id]
    assert [a.details.visit.arrived_by for a in arrived] == ["code", "phone", "guide"]
    assert {a.details.visit.claim for a in arrived} == {Claim.CERTAIN}
    assert all(a.opened for a in arrived)


async def test_a_code_on_a_possible_visit_makes_it_certain_and_opens_no_other(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    arrived = await shop.arrivals.typed(GUIDE, member_id=member.id)
    assert not arrived.opened
    assert arrived.details.visit.claim is Claim.CERTAIN
    assert len(await visits_of(shop, member)) == 1
    assert isinstance((await visit_events(shop))[-1], VisitChanged)


async def test_each_typed_arrival_shows_a_card_and_is_on_record(shop: Shop) -> None:
    member = await shop.member()
    await shop.arrivals.typed(GUIDE, member_id=member.id)
    await shop.arrivals.typed(MANAGER, member_id=member.id)
    looks = await shop.members.who_looked(GUIDE, member.id)
    assert [(look.actor, look.action) for look in looks] == [
        ("Bo", "card_viewed"),
        ("Ana", "card_viewed"),
    ]


async def test_an_arrival_needs_exactly_one_evidence_that_names_a_member(shop: Shop) -> None:
    for evidence in ({}, {"code": "CARD-1", "phone": "12345"}):
        with pytest.raises(BadRequest):
            await shop.arrivals.typed(GUIDE, **evidence)
    with pytest.raises(NotFound):
        await shop.arrivals.typed(GUIDE, code="CARD-1")
    with pytest.raises(BadRequest) as refused:
        await shop.arrivals.typed(GUIDE, phone="call me")
    assert refused.value.field == "phone"


# --- time ------------------------------------------------------------------------------------


async def test_a_visit_closes_after_absence_counted_from_the_last_sign(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    last_seen_at = shop.clock.move(seconds=5)
    await shop.arrivals.saw(shop.sighting(member))
    shop.clock.move(seconds=ABSENCE_S - 1)
    assert await shop.arrivals.sweep() == 0
    shop.clock.move(seconds=1)
    assert await shop.arrivals.sweep() == 1
    (visit,) = await visits_of(shop, member)
    assert (visit.last_seen_at, visit.closed_at) == (last_seen_at, shop.clock())
    assert (await visit_events(shop))[-1] == VisitClosed(visit_id=visit.id)
    assert await shop.arrivals.sweep() == 0


async def test_a_restart_loses_no_visit(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    shop.clock.move(seconds=5)
    await shop.arrivals.saw(shop.sighting(member))
    restarted = shop.restarted_arrivals()
    await restarted.saw(shop.sighting(member, at=shop.clock.move(seconds=20)))
    (details,) = await restarted.now_in_store()
    assert details.visit.last_seen_at == shop.clock()
    assert len(await visits_of(shop, member)) == 1


async def test_the_card_at_the_door_counts_days_since_the_visit_before(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    shop.clock.move(days=3)
    await shop.arrivals.sweep()
    await shop.arrivals.saw(shop.sighting(member, track="t2"))
    (details,) = await shop.arrivals.now_in_store()
    assert details.summary.days_since_visit == 3
    assert details.summary.visits_last_year == 1


async def test_a_refused_visit_is_none_of_the_members(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    await shop.answers.answer(GUIDE, visit.id, confirmed=False)
    card = await shop.members.card(GUIDE, member.id, "search")
    assert (card.summary.days_since_visit, card.summary.visits_last_year) == (None, 0)
