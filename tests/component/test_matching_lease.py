"""A gateway that headquarters cannot reach stops matching faces after a day, whatever it tells
of the time, and goes on by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, Shop, open_shop, visits_of
from component.store_values import Clock

from edge.domain import LineChanged, Member
from edge.errors import MatchingRests


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def shop(tmp_path: Path, clock: Clock) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as opened:
        yield opened


async def is_matched(shop: Shop, member: Member, track: str) -> bool:
    """Whether the member's face at the door opens a visit."""
    before = len(await visits_of(shop, member))
    await shop.arrivals.saw(shop.sighting(member, track=track))
    return len(await visits_of(shop, member)) > before


async def test_faces_rest_a_day_after_headquarters_was_last_heard_and_go_on_by_themselves(
    shop: Shop, clock: Clock
) -> None:
    await shop.headquarters.pulled("withdrawals", 0)
    (ana, consent), (bo, _), (cy, _) = [await shop.enrolled(name) for name in ("Ana", "Bo", "Cy")]
    assert await is_matched(shop, ana, "t1")
    clock.move(hours=23, minutes=59)
    assert await is_matched(shop, bo, "t2")
    clock.move(minutes=1)
    assert not await is_matched(shop, cy, "t3")
    assert shop.metrics.decisions["matching_rests"] == 1
    with pytest.raises(MatchingRests, match="24 hours"):
        await shop.enrollment.add_photo(GUIDE, consent.id, b"photo")
    await shop.headquarters.pulled("withdrawals", 0)
    assert await is_matched(shop, cy, "t4")


async def test_before_headquarters_was_ever_heard_nobody_is_matched(shop: Shop) -> None:
    await shop.headquarters.pulled("withdrawals", 3)
    assert shop.lease.rests, "only the end of the feed says who has withdrawn"
    await shop.headquarters.pulled("changes", 0)
    assert shop.lease.rests


async def test_a_restart_makes_the_lease_no_longer(tmp_path: Path, clock: Clock) -> None:
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        await shop.headquarters.pulled("withdrawals", 0)
    clock.move(hours=20)
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        assert not shop.lease.rests
        clock.move(hours=4)
        assert shop.lease.rests


async def test_a_clock_set_back_wins_nothing_with_or_without_a_restart(
    tmp_path: Path, clock: Clock
) -> None:
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        await shop.headquarters.pulled("withdrawals", 0)
        clock.move(hours=23)
        await shop.headquarters.tell()
        clock.jump(hours=-22)
        assert not shop.lease.rests
        clock.move(minutes=30)
        await shop.headquarters.tell()
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        clock.move(minutes=29)
        assert not shop.lease.rests
        clock.move(minutes=1)
        assert shop.lease.rests


async def test_a_clock_that_lost_the_year_is_not_believed(tmp_path: Path, clock: Clock) -> None:
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        await shop.headquarters.pulled("withdrawals", 0)
    clock.jump(days=-365)
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        assert shop.lease.rests
        await shop.headquarters.pulled("withdrawals", 0)
        assert not shop.lease.rests


async def test_a_clock_set_ahead_by_mistake_rests_faces_until_the_next_round(
    shop: Shop, clock: Clock
) -> None:
    await shop.headquarters.pulled("withdrawals", 0)
    clock.jump(days=3)
    assert shop.lease.rests
    await shop.headquarters.pulled("withdrawals", 0)
    assert not shop.lease.rests


async def test_a_store_put_back_from_an_old_backup_matches_nobody_before_it_has_heard(
    tmp_path: Path, clock: Clock
) -> None:
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        await shop.headquarters.pulled("withdrawals", 0)
    clock.jump(days=7)
    async with open_shop(tmp_path / "state", clock=clock, has_headquarters=True) as shop:
        assert shop.lease.rests


async def test_a_gateway_without_headquarters_matches_for_ever(tmp_path: Path) -> None:
    async with open_shop(tmp_path / "state") as shop:
        ana, _ = await shop.enrolled()
        shop.clock.move(days=60)
        assert await is_matched(shop, ana, "t1")
        assert shop.lease.ends_at is None


async def test_phones_hear_once_that_faces_rest_and_once_that_they_do_not(
    shop: Shop, clock: Clock
) -> None:
    await shop.headquarters.pulled("withdrawals", 0)
    for _ in range(3):
        await shop.headquarters.tell()
    clock.move(hours=24)
    for _ in range(3):
        await shop.headquarters.tell()
    await shop.headquarters.pulled("withdrawals", 0)
    await shop.headquarters.tell()
    told = [event.matching_rests for event in await shop.heard() if isinstance(event, LineChanged)]
    assert told == [False, True, False]
