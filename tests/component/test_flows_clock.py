"""A clock that lost the time: after a restart, at the counter, at the door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from component.counter import Counterpart, open_counter
from unit.voucher_values import a_campaign, an_issued

from edge.app.clock import never_before
from edge.domain import Reason
from edge.flows.clock import note_time

EMPTY_BATTERY = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
async def counter(tmp_path: Path) -> AsyncIterator[Counterpart]:
    async with open_counter(tmp_path / "state") as counter:
        yield counter


async def note(counter: Counterpart, *, vouched: bool = False) -> None:
    await note_time(counter.store, counter.clock(), vouched=vouched, store_id="lyon-1")


async def latest(counter: Counterpart) -> datetime | None:
    return await counter.store.read(lambda reader: reader.redemptions.latest_at())


async def test_a_store_that_never_redeemed_knows_that_its_battery_is_empty(
    counter: Counterpart,
) -> None:
    campaign = a_campaign(valid_until=counter.clock() + timedelta(days=30))
    forever = a_campaign(id="forever")
    await counter.issue(campaign)
    await counter.issue(forever, an_issued(forever, id="f", code="f"))
    counter.clock.move(seconds=(EMPTY_BATTERY - counter.clock()).total_seconds())
    assert (await counter.refused()).reason is Reason.CLOCK_WENT_BACK
    assert await counter.used("f"), "what knows no time is redeemed all the same"


async def test_time_noted_without_a_redemption_is_known_after_a_power_cut(
    counter: Counterpart,
) -> None:
    await counter.issue(a_campaign(valid_until=counter.clock() + timedelta(days=30)))
    await note(counter)
    counter.clock.move(hours=-1)
    assert (await counter.refused()).reason is Reason.CLOCK_WENT_BACK


async def test_a_clock_that_nobody_vouches_for_takes_nothing_back(counter: Counterpart) -> None:
    await note(counter)
    noted = await latest(counter)
    counter.clock.move(days=-3)
    await note(counter)
    assert await latest(counter) == noted


async def test_the_network_puts_right_a_clock_that_ran_ahead_and_says_so(
    counter: Counterpart,
) -> None:
    await counter.issue(a_campaign(valid_until=counter.clock() + timedelta(days=30)))
    counter.clock.move(hours=8)
    await note(counter)
    counter.clock.move(hours=-8)
    assert (await counter.refused()).reason is Reason.CLOCK_WENT_BACK
    await note(counter, vouched=True)
    assert await latest(counter) == counter.clock()
    assert await counter.used()
    told = await counter.store.read(lambda reader: reader.audit.tail(1))
    assert (told[0].actor, told[0].action) == ("gateway", "clock_trusted")


async def test_seconds_of_a_time_server_are_not_worth_a_word(counter: Counterpart) -> None:
    await note(counter, vouched=True)
    counter.clock.move(seconds=-3)
    before = await counter.store.read(lambda reader: reader.audit.tail(1))
    await note(counter, vouched=True)
    assert await counter.store.read(lambda reader: reader.audit.tail(1)) == before


async def test_no_certificate_is_made_for_a_time_that_has_passed(counter: Counterpart) -> None:
    await note(counter)
    noted = await latest(counter)
    certified = await never_before(counter.store, lambda: EMPTY_BATTERY)
    assert certified() == noted
    assert (await never_before(counter.store, counter.clock))() == counter.clock()
