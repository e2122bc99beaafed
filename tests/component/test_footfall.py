"""Sums of people and visits: told when a day is over, corrected later, and never twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from component.footfall_shop import SHOP, Counted, ended, footfall_of, open_counted
from component.store_values import START

from edge.config import FootfallConfig
from edge.contract import FootfallRow, Measure, Period
from edge.errors import CursorAhead
from edge.store import Transaction

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def counted(tmp_path: Path) -> AsyncIterator[Counted]:
    async with open_counted(tmp_path / "state") as counted:
        yield counted


def key(row: FootfallRow) -> tuple[str, str, str]:
    return row.zone, row.period, row.starts_at.isoformat()


# --- telling ----------------------------------------------------------------------


async def test_a_day_is_told_once_it_is_over_and_its_visits_have_ended(counted: Counted) -> None:
    await counted.visits(12)
    counted.clock.move(hours=14, minutes=30)  # half past midnight in Lyon
    assert await counted.footfall.build() == 0
    assert await counted.rows() == []
    counted.clock.move(minutes=30)
    assert await counted.footfall.build() == 1
    rows = await counted.rows()
    assert len(rows) == len({key(row) for row in rows}) == (96 + 24 + 1) * 3
    assert {row.revision for row in rows} == {1}
    day = await counted.day()
    assert (day.member_visits, day.alerts_confirmed, day.greeting_median_s) == (12, 12, 40)
    assert day.traffic_in is None
    assert await counted.footfall.build() == 0


async def test_a_small_day_is_told_without_its_numbers(counted: Counted) -> None:
    await counted.visits(9)
    await counted.tomorrow()
    assert all(row.member_visits is None for row in await counted.rows())
    assert all(Measure.MEMBER_VISITS in row.suppressed for row in await counted.rows())


async def test_pages_follow_each_other_without_gap_or_repeat(counted: Counted) -> None:
    await counted.visits(12)
    await counted.tomorrow()
    whole = await counted.rows()
    read: list[FootfallRow] = []
    cursor, remaining = 0, 1
    while remaining:
        page = await counted.footfall.page(cursor, 50)
        assert page.cursor > cursor
        read += page.rows
        cursor, remaining = page.cursor, page.remaining
        assert remaining == len(whole) - len(read)
    assert read == whole
    assert (await counted.footfall.page(cursor)).cursor == cursor


async def test_a_cursor_that_was_never_given_out_is_refused(counted: Counted) -> None:
    with pytest.raises(CursorAhead):
        await counted.footfall.page(1)


# --- corrections ----------------------------------------------------------------------


async def test_visits_that_end_later_revise_their_interval_behind_the_cursor(
    counted: Counted,
) -> None:
    await counted.visits(20)
    open_visits = await counted.visits(12, closed=False)
    await counted.tomorrow()
    before = await counted.footfall.page(0)
    assert (await counted.day()).dwell_5_to_15_min == 20

    def story(tx: Transaction) -> None:
        for visit in open_visits:
            tx.visits.put(ended(visit))

    await counted.store.write(story)
    assert await counted.footfall.build() == 1
    revised = await counted.rows(before.cursor)
    assert [(row.zone, row.starts_at, row.revision) for row in revised] == [
        *[("", START, 2)] * 2,
        ("", (await counted.day()).starts_at, 2),
    ]
    assert (await counted.day()).dwell_5_to_15_min == 32
    everything = await counted.rows()
    assert len(everything) == len({key(row) for row in everything}) == len(before.rows)
    assert await counted.footfall.build() == 0


async def test_what_was_hidden_stays_hidden_when_it_grows(counted: Counted) -> None:
    await counted.visits(9)
    await counted.tomorrow()
    await counted.visits(9)
    assert await counted.footfall.build() == 1
    assert (await counted.day()).member_visits is None


async def test_a_correction_that_would_give_somebody_away_tells_the_day_alone(
    counted: Counted,
) -> None:
    """An hour in which nobody came gets a visit: told by itself, it would be that one."""
    await counted.visits(30)
    await counted.tomorrow()
    await counted.visits(1, START + timedelta(hours=3))
    await counted.footfall.build()
    rows = {key(row): row for row in await counted.rows()}
    told = [row for row in rows.values() if row.member_visits is not None]
    assert {row.period for row in told} == {Period.DAY}
    assert {row.zone: row.member_visits for row in told} == {
        "": 31,
        "Front door": 31,
        "Back door": 0,
    }


async def test_a_clock_that_jumps_ends_no_day(counted: Counted) -> None:
    """The machine woke up in next week: what is counted goes on, nothing is told too early."""
    await counted.visits(30)
    assert await counted.footfall.build() == 0
    counted.clock.jump(days=7)
    assert await counted.footfall.build() == 0
    counted.clock.jump(days=-7)
    counted.clock.move(minutes=10)
    assert await counted.footfall.build() == 0
    await counted.visits(30, counted.clock.now)
    counted.clock.move(minutes=20)
    assert await counted.footfall.build() == 0
    assert await counted.tomorrow() == 1
    assert (await counted.day()).member_visits == 60


async def test_a_clock_that_stays_where_it_jumped_is_believed_in_the_end(counted: Counted) -> None:
    await counted.visits(30)
    await counted.footfall.build()
    counted.clock.jump(days=7)
    assert await counted.footfall.build() == 0
    counted.clock.move(minutes=16)
    assert await counted.footfall.build() == 1


async def test_old_intervals_are_forgotten_and_the_cursor_goes_on(tmp_path: Path) -> None:
    async with open_counted(tmp_path, FootfallConfig(keep_days=7)) as counted:
        await counted.visits(30)
        await counted.tomorrow()
        cursor = (await counted.footfall.page(0)).cursor
        counted.clock.move(days=8)
        await counted.visits(30, counted.clock.now)
        await counted.footfall.forget()
        assert await counted.rows() == []
        assert (await counted.footfall.page(cursor)).cursor == cursor
        await counted.tomorrow()
        assert len(await counted.rows(cursor)) == 363


async def test_a_forgotten_day_is_not_told_anew_by_a_late_correction(tmp_path: Path) -> None:
    """What was told of it is not known any more, so that a second pattern might give it away."""
    async with open_counted(tmp_path, FootfallConfig(keep_days=7)) as counted:
        await counted.visits(30)
        await counted.tomorrow()
        counted.clock.move(days=8)
        await counted.footfall.forget()
        await counted.visits(5)
        assert await counted.footfall.build() == 0
        assert await counted.rows() == []


async def test_sales_are_counted_once_the_till_tells_them(counted: Counted) -> None:
    await counted.people({START: 40})
    await counted.tomorrow()
    assert (await counted.day()).transactions is None
    await counted.sales(10)
    await counted.sales(3, amount="-20")
    assert await counted.footfall.build() == 1
    day = await counted.day()
    assert (day.transactions, day.conversion_permille, day.revision) == (10, 250, 2)


async def test_the_places_of_a_day_stay_those_it_was_told_with(counted: Counted) -> None:
    await counted.visits(30)
    await counted.tomorrow()
    moved = footfall_of(counted.store, counted.clock)
    moved._zones = ["Front door", "Roof"]
    await counted.visits(12)
    await moved.build()
    rows = (await moved.page(0)).rows
    assert {row.zone for row in rows} == {"", "Front door", "Back door"}
    assert SHOP.id == rows[0].store_id
