"""Learning from "not them": what is guarded, who is told, how it ends, and what is never kept."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, MANAGER, THRESHOLDS, Shop, open_shop, visits_of

from edge.domain import Candidate, Guard, Member, MemberChanged, Sighting, VisitDetails
from edge.errors import NotFound
from edge.flows.refusals import SOON
from edge.rules.guard import FRESH, LASTS, LASTS_PAIR, STEP, STEPS_MAX

NEARLY = THRESHOLDS.score + STEP - 0.01
ENOUGH = THRESHOLDS.score + STEP + 0.01


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def guards_of(shop: Shop, member: Member) -> list[Guard]:
    return await shop.store.read(lambda reader: reader.guards.of(member.id))


async def here(shop: Shop) -> list[VisitDetails]:
    return await shop.arrivals.now_in_store()


async def refused(shop: Shop, member: Member, track: str = "t1", score: float = 0.7) -> None:
    """The door takes somebody for the member, and a guide says that it is not them."""
    await shop.arrivals.saw(shop.sighting(member, score, track=track))
    (visit, *_) = await visits_of(shop, member)
    await shop.answers.answer(GUIDE, visit.id, confirmed=False)


def beside(seen: Sighting, other: Member, score: float) -> Sighting:
    """The same sighting with a runner-up."""
    runner_up = Candidate(member_id=other.id, score=score)
    return replace(seen, candidates=(*seen.candidates, runner_up))


# --- a guard on one member -----------------------------------------------------------------


async def test_after_not_them_another_track_needs_a_closer_match(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await refused(shop, member)
    shop.clock.move(seconds=FRESH.total_seconds())
    await shop.arrivals.saw(shop.sighting(member, NEARLY, track="t2"))
    assert await here(shop) == []
    assert shop.arrivals.counts["guarded"] == 1
    await shop.arrivals.saw(shop.sighting(member, ENOUGH, track="t3"))
    assert len(await here(shop)) == 1


async def test_whoever_was_refused_just_now_does_not_ring_again_and_the_member_does(
    shop: Shop,
) -> None:
    member, _ = await shop.enrolled()
    await refused(shop, member, score=0.49)
    await shop.arrivals.saw(shop.sighting(member, ENOUGH, track="t2"))
    assert await here(shop) == []
    clear = THRESHOLDS.score + STEPS_MAX * STEP + 0.001
    await shop.arrivals.saw(shop.sighting(member, clear, track="t3"))
    assert len(await here(shop)) == 1


async def test_a_guard_stands_on_the_card_with_when_and_by_whom(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await refused(shop, member)
    (details,) = (await shop.members.card(GUIDE, member.id, "search")).guards
    assert (details.member, details.other) == (member, None)
    assert (details.guard.set_by, details.guard.set_at) == ("Ana", shop.clock())
    assert details.guard.ends_at == shop.clock() + LASTS
    assert (await shop.heard())[-1] == MemberChanged(member_id=member.id)


async def test_the_same_answer_again_sets_no_second_guard(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await refused(shop, member)
    (visit,) = await visits_of(shop, member)
    await shop.answers.answer(GUIDE, visit.id, confirmed=False)
    assert len(await guards_of(shop, member)) == 1


async def test_mistake_after_mistake_stays_bounded_and_ends(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    for number in range(5):
        await refused(shop, member, track=f"t{number}", score=0.9)
        shop.clock.move(days=1)
    assert len(await guards_of(shop, member)) == STEPS_MAX
    shop.clock.move(seconds=LASTS.total_seconds())
    await shop.arrivals.saw(shop.sighting(member, THRESHOLDS.score + 0.001, track="late"))
    assert len(await here(shop)) == 1
    assert await shop.guards.end_overdue() == STEPS_MAX
    assert await shop.guards.end_overdue() == 0
    assert await guards_of(shop, member) == []


async def test_what_no_face_claimed_teaches_nothing(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    arrived = await shop.arrivals.typed(GUIDE, member_id=member.id)
    await shop.answers.answer(GUIDE, arrived.details.visit.id, confirmed=False)
    assert await guards_of(shop, member) == []


async def test_a_guard_outlives_a_restart(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await refused(shop, member)
    shop.clock.move(hours=1)
    restarted = shop.restarted_arrivals()
    await restarted.saw(shop.sighting(member, NEARLY, track="t2"))
    assert await restarted.now_in_store() == []


async def test_of_the_face_that_was_refused_nothing_is_written(shop: Shop, tmp_path: Path) -> None:
    """Who was named, who it was, by whom and when: no score, no track, no picture."""
    member, _ = await shop.enrolled()
    await refused(shop, member, track="the-strangers-track", score=0.5123456)
    with closing(sqlite3.connect(tmp_path / "state" / "regulars.db")) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info (guards)")]
    assert columns == ["id", "member_id", "other_id", "set_by", "set_at", "ends_at"]
    written = b"".join(
        file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file()
    )
    assert b"the-strangers-track" not in written
    assert b"0.5123456" not in written


# --- who it was --------------------------------------------------------------------------------


async def test_the_member_who_is_checked_in_right_after_makes_it_a_guard_of_the_pair(
    shop: Shop,
) -> None:
    named, _ = await shop.enrolled("Anna")
    really, _ = await shop.enrolled("Grace")
    await refused(shop, named)
    shop.clock.move(seconds=SOON.total_seconds() - 1)
    await shop.arrivals.typed(GUIDE, member_id=really.id)
    (guard,) = await guards_of(shop, named)
    assert (guard.member_id, guard.other_id) == (named.id, really.id)
    assert guard.ends_at == shop.clock() + LASTS_PAIR
    assert await guards_of(shop, really) == [guard]
    assert {m.member_id for m in await shop.heard() if isinstance(m, MemberChanged)} == {
        named.id,
        really.id,
    }
    shop.clock.move(minutes=10)
    near = beside(shop.sighting(named, 0.60, track="t2"), really, 0.54)
    await shop.arrivals.saw(near)
    assert [d.visit.member_id for d in await here(shop)] == [really.id]
    await shop.arrivals.saw(shop.sighting(named, THRESHOLDS.score + 0.001, track="t3"))
    assert {d.visit.member_id for d in await here(shop)} == {named.id, really.id}


@pytest.mark.parametrize("late", [True, False])
async def test_a_later_arrival_or_one_on_another_phone_is_somebody_else(
    shop: Shop, late: bool
) -> None:
    named, _ = await shop.enrolled("Anna")
    other, _ = await shop.enrolled("Grace")
    await refused(shop, named)
    if late:
        shop.clock.move(seconds=SOON.total_seconds())
    await shop.arrivals.typed(GUIDE if late else MANAGER, member_id=other.id)
    (guard,) = await guards_of(shop, named)
    assert guard.other_id is None


async def test_only_the_first_arrival_says_who_it_was(shop: Shop) -> None:
    named, _ = await shop.enrolled("Anna")
    really, _ = await shop.enrolled("Grace")
    next_one, _ = await shop.enrolled("Chen")
    await refused(shop, named)
    await shop.arrivals.typed(GUIDE, member_id=really.id)
    await shop.arrivals.typed(GUIDE, member_id=next_one.id)
    assert await guards_of(shop, next_one) == []


async def test_a_slip_is_taken_back_by_checking_the_member_in(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await refused(shop, member)
    await shop.arrivals.typed(GUIDE, member_id=member.id)
    assert await guards_of(shop, member) == []


async def test_of_a_member_who_is_not_enrolled_no_likeness_is_written_down(shop: Shop) -> None:
    named, _ = await shop.enrolled("Anna")
    without_consent = await shop.member("Grace")
    await refused(shop, named)
    await shop.arrivals.typed(GUIDE, member_id=without_consent.id)
    (guard,) = await guards_of(shop, named)
    assert guard.other_id is None
    assert await guards_of(shop, without_consent) == []


async def test_confirming_the_member_whom_the_same_track_shows_next_teaches_the_pair(
    shop: Shop,
) -> None:
    named, _ = await shop.enrolled("Anna")
    really, _ = await shop.enrolled("Grace")
    await refused(shop, named)
    await shop.arrivals.saw(beside(shop.sighting(named, 0.70), really, 0.62))
    (visit,) = await visits_of(shop, really)
    await shop.answers.answer(MANAGER, visit.id, confirmed=True)
    (guard,) = await guards_of(shop, named)
    assert (guard.member_id, guard.other_id) == (named.id, really.id)


# --- the ways to be rid of it -------------------------------------------------------------------


async def test_a_guard_is_removed_with_one_call_and_the_door_decides_as_before(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await refused(shop, member)
    (guard,) = await guards_of(shop, member)
    await shop.guards.remove(MANAGER, guard.id)
    await shop.arrivals.saw(shop.sighting(member, NEARLY, track="t2"))
    assert len(await here(shop)) == 1
    with pytest.raises(NotFound):
        await shop.guards.remove(MANAGER, guard.id)
    entries = await shop.store.read(lambda reader: reader.audit.of(member.id, 100))
    trail = [(e.actor, e.action) for e in entries if e.action.startswith("guard_")]
    assert trail == [("Bo", "guard_removed"), ("Ana", "guard_set")]


async def test_withdrawal_of_either_ends_the_guards(shop: Shop) -> None:
    named, _ = await shop.enrolled("Anna")
    really, consent = await shop.enrolled("Grace")
    await refused(shop, named)
    await shop.arrivals.typed(GUIDE, member_id=really.id)
    await shop.enrollment.withdraw(GUIDE, consent.id)
    assert await guards_of(shop, named) == []


async def test_managers_see_every_guard(shop: Shop) -> None:
    named, _ = await shop.enrolled("Anna")
    really, _ = await shop.enrolled("Grace")
    await refused(shop, named)
    await shop.arrivals.typed(GUIDE, member_id=really.id)
    shop.clock.move(minutes=5)
    await refused(shop, named, track="t2")
    found = await shop.guards.all(MANAGER)
    assert [(d.member.name, d.other and d.other.name) for d in found] == [
        ("Anna", None),
        ("Anna", "Grace"),
    ]


# --- look-alikes ---------------------------------------------------------------------------------


async def test_members_who_look_alike_are_told_apart_or_left_undecided(shop: Shop) -> None:
    one, _ = await shop.enrolled("Anna")
    twin, _ = await shop.enrolled("Grace")
    seen = beside(shop.sighting(one, 0.70), twin, 0.64)
    shop.memory.look_alikes.searched([(twin.id, one.id)])
    await shop.arrivals.saw(seen)
    assert await here(shop) == []
    await shop.arrivals.saw(beside(shop.sighting(one, 0.81, track="t2"), twin, 0.64))
    (details,) = await here(shop)
    assert details.visit.member_id == one.id
    assert details.look_alikes == ("Grace",)
    shop.memory.look_alikes.searched([])
    await shop.arrivals.saw(beside(shop.sighting(twin, 0.70, track="t3"), one, 0.64))
    assert len(await here(shop)) == 2


async def test_a_likeness_stands_on_both_cards_until_one_withdraws(shop: Shop) -> None:
    one, _ = await shop.enrolled("Anna")
    twin, consent = await shop.enrolled("Grace")
    shop.memory.look_alikes.searched([(one.id, twin.id)])
    for member, other in ((one, twin), (twin, one)):
        card = await shop.members.card(GUIDE, member.id, "search")
        assert [found.member for found in card.look_alikes] == [other]
    await shop.enrollment.withdraw(GUIDE, consent.id)
    shop.memory.look_alikes.searched([(one.id, twin.id)])  # vision had searched before it heard
    card = await shop.members.card(GUIDE, one.id, "search")
    assert card.look_alikes == ()


async def test_whom_a_member_was_taken_for_is_named_on_the_next_alert(shop: Shop) -> None:
    named, _ = await shop.enrolled("Anna")
    really, _ = await shop.enrolled("Grace")
    await refused(shop, named)
    await shop.arrivals.typed(GUIDE, member_id=really.id)
    await shop.arrivals.saw(shop.sighting(named, 0.8, track="t2"))
    shown = {details.member.name: details.look_alikes for details in await here(shop)}
    assert shown == {"Anna": ("Grace",), "Grace": ("Anna",)}
