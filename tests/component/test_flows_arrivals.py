"""Someone comes in: what is written, who is told, and what a stranger leaves (nothing)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, Shop, open_shop, visit_events, visits_of

from edge import contract
from edge.domain import (
    ArrivedBy,
    Claim,
    Sighting,
    VisitChanged,
    VisitClosed,
    VisitOpened,
    new_id,
)
from edge.errors import Conflict, NotFound, StoreUnavailable
from edge.store import Reader


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


# --- a face ------------------------------------------------------------------------------


async def test_a_recognised_member_opens_a_possible_visit_and_the_phones_hear_of_it(
    shop: Shop,
) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    assert (visit.claim, visit.arrived_by, visit.place) == (
        Claim.POSSIBLE,
        ArrivedBy.FACE,
        "Front door",
    )
    (event,) = await visit_events(shop)
    assert isinstance(event, VisitOpened)
    assert event.details.visit == visit
    assert event.details.member == member
    assert event.details.face_enrolled


async def test_visit_message_and_audit_entry_are_written_together(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))

    def question(reader: Reader) -> tuple[list[contract.Message], str]:
        messages = [outgoing.message for outgoing in reader.outbox.pending(100)]
        return messages, reader.audit.of(member.id, 1)[0].action

    messages, action = await shop.store.read(question)
    (opened,) = [m for m in messages if isinstance(m, contract.VisitOpened)]
    assert (opened.member_id, opened.store_id) == (member.id, "lyon-1")
    assert action == "card_shown"


async def test_a_stranger_leaves_a_count_and_nothing_else(shop: Shop, tmp_path: Path) -> None:
    member, _ = await shop.enrolled()
    before = sorted((p.name, p.read_bytes()) for p in (tmp_path / "state").glob("regulars.db*"))
    await shop.arrivals.saw(shop.sighting(member, 0.30, track="stranger-track"))
    after = sorted((p.name, p.read_bytes()) for p in (tmp_path / "state").glob("regulars.db*"))
    assert [name for name, _ in after] == [name for name, _ in before]
    assert after == before
    assert await visit_events(shop) == []
    assert shop.arrivals.counts == {"below_threshold": 1}


async def test_two_cameras_at_once_open_one_visit(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    sightings = [
        shop.sighting(member, track=f"t{n}", camera=("door", "back")[n % 2]) for n in range(8)
    ]
    await asyncio.gather(*map(shop.arrivals.saw, sightings))
    assert len(await visits_of(shop, member)) == 1
    assert len(await visit_events(shop)) == 1


async def test_a_member_in_view_is_not_written_at_every_sighting(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    opened_at = shop.clock()
    shop.clock.move(seconds=9)
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    assert visit.last_seen_at == opened_at
    (details,) = await shop.arrivals.now_in_store()
    assert details.visit.last_seen_at == shop.clock()
    seen_at = shop.clock.move(seconds=1)
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    assert visit.last_seen_at == seen_at
    assert len(await visit_events(shop)) == 1


async def test_nobody_is_claimed_without_an_active_consent(shop: Shop) -> None:
    """Vision may lag behind a withdrawal; the claim must not."""
    member, consent = await shop.enrolled()
    shop.gallery.away = True
    await shop.enrollment.withdraw(GUIDE, consent.id)
    await shop.arrivals.saw(shop.sighting(member))
    assert await visits_of(shop, member) == []


async def test_a_withdrawn_member_in_view_is_not_extended(shop: Shop) -> None:
    member, consent = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    await shop.enrollment.withdraw(GUIDE, consent.id)
    await shop.arrivals.saw(shop.sighting(member, at=shop.clock.move(seconds=2)))
    (visit,) = await visits_of(shop, member)
    assert (visit.open, visit.claim) == (False, Claim.REFUSED)


async def test_a_sighting_of_a_member_who_never_was_is_ignored(shop: Shop) -> None:
    member = await shop.member()
    ghost: Sighting = shop.sighting(member)
    await shop.arrivals.saw(ghost)
    assert await shop.arrivals.now_in_store() == []


async def test_an_arrival_that_cannot_be_written_is_told_to_nobody_and_comes_again(
    shop: Shop, tmp_path: Path
) -> None:
    member, _ = await shop.enrolled()
    with closing(sqlite3.connect(tmp_path / "state" / "regulars.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await shop.arrivals.saw(shop.sighting(member))
    assert await visit_events(shop) == []
    await shop.arrivals.saw(shop.sighting(member))
    assert len(await visits_of(shop, member)) == 1
    assert len(await visit_events(shop)) == 1


# --- what guides say -----------------------------------------------------------------------


async def test_confirmed_is_recorded_and_the_phones_hear_of_it(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    details = await shop.answers.answer(GUIDE, visit.id, confirmed=True)
    assert (details.visit.claim, details.visit.answered_by) == (Claim.CONFIRMED, "Ana")
    assert await visits_of(shop, member) == [details.visit]
    assert (await visit_events(shop))[-1] == VisitChanged(details=details)


async def test_not_them_ends_the_visit_and_the_track_never_claims_again(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member, track="t1"))
    (visit,) = await visits_of(shop, member)
    await shop.answers.answer(GUIDE, visit.id, confirmed=False)
    await shop.arrivals.saw(shop.sighting(member, track="t1", at=shop.clock.move(seconds=1)))
    (visit,) = await visits_of(shop, member)
    assert (visit.claim, visit.open) == (Claim.REFUSED, False)
    assert (await visit_events(shop))[-1] == VisitClosed(visit_id=visit.id)
    assert shop.arrivals.counts["refused"] == 1


async def test_not_them_counts_for_every_track_that_claimed_and_for_no_other(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member, track="t1"))
    await shop.arrivals.saw(shop.sighting(member, track="t2", camera="back"))
    (visit,) = await visits_of(shop, member)
    await shop.answers.answer(GUIDE, visit.id, confirmed=False)
    await shop.arrivals.saw(shop.sighting(member, track="t2", camera="back"))
    assert await shop.arrivals.now_in_store() == []
    await shop.arrivals.saw(shop.sighting(member, track="t3"))
    assert len(await shop.arrivals.now_in_store()) == 1


async def test_sightings_under_way_while_a_guide_says_not_them_do_not_bring_it_back(
    shop: Shop,
) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    later = shop.clock() + timedelta(seconds=30)
    await asyncio.gather(
        *(shop.arrivals.saw(shop.sighting(member, at=later)) for _ in range(5)),
        shop.answers.answer(GUIDE, visit.id, confirmed=False),
        *(shop.arrivals.saw(shop.sighting(member, at=later)) for _ in range(5)),
    )
    assert await shop.arrivals.now_in_store() == []
    assert len(await visits_of(shop, member)) == 1


async def test_a_track_that_ended_is_forgotten(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    await shop.answers.answer(GUIDE, visit.id, confirmed=False)
    shop.arrivals.track_ended("t1")
    await shop.arrivals.saw(shop.sighting(member))
    assert len(await shop.arrivals.now_in_store()) == 1


async def test_a_member_who_left_is_not_brought_back_by_the_track_in_view(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    await shop.answers.close(GUIDE, visit.id)
    await shop.answers.close(GUIDE, visit.id)
    await shop.arrivals.saw(shop.sighting(member, at=shop.clock.move(seconds=1)))
    assert await shop.arrivals.now_in_store() == []
    assert (await visit_events(shop))[1:] == [VisitClosed(visit_id=visit.id)]


async def test_a_visit_that_ended_or_never_was_takes_no_answer(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member))
    (visit,) = await visits_of(shop, member)
    await shop.answers.close(GUIDE, visit.id)
    with pytest.raises(Conflict, match="has ended"):
        await shop.answers.answer(GUIDE, visit.id, confirmed=True)
    with pytest.raises(NotFound):
        await shop.answers.answer(GUIDE, new_id(), confirmed=True)
    with pytest.raises(NotFound):
        await shop.answers.close(GUIDE, new_id())
