"""A picture held up to a camera: guides are told the place, and nobody is announced."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, THRESHOLDS, Shop, open_shop, visit_events, visits_of

from edge.domain import AttackSeen, Claim, VisitClosed, VisitOpened
from edge.flows.attacks import QUIET

PICTURE, PERSON = 0.1, 0.9


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        shop.thresholds = replace(THRESHOLDS, bona_fide=0.5)
        shop.arrivals = shop.restarted_arrivals()
        yield shop


async def notices(shop: Shop) -> list[AttackSeen]:
    return [event for event in await shop.heard() if isinstance(event, AttackSeen)]


async def test_picture_raises_no_arrival_and_the_phones_hear_where_it_was_held_up(
    shop: Shop,
) -> None:
    member, _ = await shop.enrolled()
    seen = shop.sighting(member, bona_fide=PICTURE)
    await shop.arrivals.saw(seen)
    assert await visits_of(shop, member) == []
    assert await notices(shop) == [AttackSeen(place="Front door", seen_at=seen.seen_at)]
    assert shop.arrivals.counts == {"presentation_attack": 1}


async def test_nothing_of_a_picture_is_stored(shop: Shop, tmp_path: Path) -> None:
    member, _ = await shop.enrolled()
    before = sorted((p.name, p.read_bytes()) for p in (tmp_path / "state").glob("regulars.db*"))
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PICTURE))
    after = sorted((p.name, p.read_bytes()) for p in (tmp_path / "state").glob("regulars.db*"))
    assert after == before


async def test_person_is_announced_and_a_face_that_was_not_checked_is_not(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member, bona_fide=None))
    assert await visit_events(shop) == []
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PERSON))
    assert [type(event) for event in await visit_events(shop)] == [VisitOpened]
    assert shop.arrivals.counts == {"unchecked": 1, "recognised": 1}


async def test_further_shots_may_show_that_it_was_a_person_after_all(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PICTURE))
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PERSON))
    (visit,) = await visits_of(shop, member)
    assert visit.open


async def test_further_shots_that_show_a_picture_take_the_arrival_back(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PERSON))
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PICTURE))
    (visit,) = await visits_of(shop, member)
    assert not visit.open
    assert [type(event) for event in await visit_events(shop)] == [VisitOpened, VisitClosed]
    assert len(await notices(shop)) == 1


async def test_visit_that_a_guide_confirmed_is_not_taken_back(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PERSON))
    (visit,) = await visits_of(shop, member)
    await shop.answers.answer(GUIDE, visit.id, confirmed=True)
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PICTURE))
    (visit,) = await visits_of(shop, member)
    assert (visit.open, visit.claim) == (True, Claim.CONFIRMED)


async def test_picture_of_a_member_who_is_in_the_store_leaves_their_visit_alone(
    shop: Shop,
) -> None:
    member, _ = await shop.enrolled()
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PERSON, track="member"))
    shop.clock.move(minutes=2)
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PERSON, track="picture"))
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PICTURE, track="picture"))
    (visit,) = await visits_of(shop, member)
    assert visit.open


async def test_picture_that_stays_in_view_is_told_once_and_a_later_one_again(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    for number in range(5):
        await shop.arrivals.saw(shop.sighting(member, bona_fide=PICTURE, track=f"t{number}"))
        shop.clock.move(seconds=10)
    assert len(await notices(shop)) == 1
    shop.clock.move(seconds=QUIET / timedelta(seconds=1))
    await shop.arrivals.saw(shop.sighting(member, bona_fide=PICTURE, track="later"))
    assert len(await notices(shop)) == 2


async def test_two_doors_are_told_apart(shop: Shop) -> None:
    member, _ = await shop.enrolled()
    for camera in ("door", "back"):
        await shop.arrivals.saw(shop.sighting(member, bona_fide=PICTURE, camera=camera))
    assert [notice.place for notice in await notices(shop)] == ["Front door", "Back door"]
