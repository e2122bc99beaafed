"""A NATS server that dies, is away, or stands between a store and a headquarters that is."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest
from component.flows_shop import SHOP, Shop, open_shop
from component.headquarters_town import (
    Headquarters,
    exchange,
    going_on,
    numbered,
    put_visits,
    waiting,
)
from component.nats_guest import guest, problem_of
from component.store_values import START, a_member, a_visit, opened_message

from edge import contract
from edge.contract import subjects
from edge.domain import new_id
from edge.errors import CursorAhead, HeadquartersUnavailable, StoreUnavailable
from edge.sync.batching import LONGEST_PAUSE_S
from edge.sync.credentials import client_context, identity
from edge.sync.nats import NatsLine
from hq import authority
from hq import nats as through_nats
from hq.problems import Refused

pytestmark = pytest.mark.parametrize("transport", ["nats"])
PATIENCE_S = 60.0


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def line_with(headquarters: Headquarters, credentials: Path, **options: object) -> NatsLine:
    context = await asyncio.to_thread(client_context, credentials)
    me = await asyncio.to_thread(identity, credentials)
    return NatsLine(headquarters.url, context, me, **options)  # type: ignore[arg-type]


async def test_a_server_killed_in_mid_exchange_loses_and_doubles_nothing(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    broker = headquarters.broker
    assert broker is not None
    told = await put_visits(shop, 6000)
    async with exchange(shop, credentials, headquarters.url) as line:
        pushing = asyncio.create_task(line.push())
        for share in (5000, 3000):
            while await waiting(shop) > share:
                pushing = await going_on(pushing, line)
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
        while await waiting(shop):
            pushing = await going_on(pushing, line)
        await pushing
    assert await headquarters.held() == told


async def test_what_the_server_accepted_reaches_headquarters_even_if_the_store_is_gone(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    """Headquarters dies, the server after it; the batch on the server's disk outlives both."""
    broker = headquarters.broker
    assert broker is not None
    told = await put_visits(shop, 3)
    await asyncio.to_thread(headquarters.kill)
    async with await line_with(headquarters, credentials, answers_within_s=2.0) as line:
        messages = await shop.store.read(lambda reader: reader.outbox.pending(10))
        batch = contract.Batch(
            store_id=SHOP.id, messages=[numbered(out.id, out.message) for out in messages]
        )
        for _ in range(3):
            with pytest.raises(HeadquartersUnavailable):
                await line.send(msgspec.json.encode(batch), urgent=False)
    await asyncio.to_thread(broker.kill)
    await asyncio.to_thread(broker.start)
    await asyncio.to_thread(headquarters.start)
    assert await headquarters.held_at_least(3) == told
    assert await waiting(shop) == 3
    async with exchange(shop, credentials, headquarters.url) as again:
        await again.round()
    assert await waiting(shop) == 0
    assert await headquarters.held() == told


async def test_a_gateway_that_starts_before_the_server_goes_on_when_it_is_there(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    broker = headquarters.broker
    assert broker is not None
    await asyncio.to_thread(headquarters.kill)
    await asyncio.to_thread(broker.kill)
    told = await put_visits(shop, 3)
    async with exchange(shop, credentials, headquarters.url) as line, line:
        await asyncio.to_thread(headquarters.start)
        await asyncio.to_thread(broker.start)
        async with asyncio.timeout(2 * LONGEST_PAUSE_S):  # it may rest so long before it tries
            while await waiting(shop):
                await asyncio.to_thread(time.sleep, 0.05)
    assert await headquarters.held() == told


async def test_two_instances_share_the_work_and_one_that_dies_leaves_it_to_the_other(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    told = await put_visits(shop, 6000)
    second = headquarters.another()
    await asyncio.to_thread(second.start)
    try:
        async with exchange(shop, credentials, headquarters.url) as line:
            pushing = asyncio.create_task(line.push())
            while await waiting(shop) > 3000:
                pushing = await going_on(pushing, line)
            await asyncio.to_thread(second.kill)
            while await waiting(shop):
                pushing = await going_on(pushing, line)
            await pushing
    finally:
        await asyncio.to_thread(second.kill)
    assert await headquarters.held() == told


async def test_a_batch_that_cannot_be_held_is_given_back_and_stands_in_nobodys_way(
    headquarters: Headquarters, credentials: Path
) -> None:
    """Headquarters is at it, and comes to no end with it, while another store is served."""
    other = await headquarters.admit("lyon-2")
    await headquarters.do(
        "CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); "
        "RAISE EXCEPTION 'a row that nobody foresaw'; END $$"
    )
    holding = await asyncpg.connect(headquarters.dsn)
    await holding.execute("SELECT pg_advisory_lock(1)")
    await headquarters.do(
        "CREATE TRIGGER trouble BEFORE INSERT ON events FOR EACH ROW "
        "WHEN (NEW.store_id = 'lyon-2') EXECUTE FUNCTION trouble()"
    )
    async with (
        guest(headquarters.url, credentials) as healthy,
        guest(headquarters.url, other) as poisoned,
    ):
        given_back = asyncio.create_task(poisoned.send(a_batch("lyon-2")))
        await healthy.send(a_batch(SHOP.id))
        assert not given_back.done()
        await holding.close()
        assert problem_of(await given_back).code == "unavailable"
    assert len(await headquarters.held()) == 1


def a_batch(store_id: str) -> bytes:
    message = msgspec.structs.replace(opened_message(a_visit(a_member())), store_id=store_id)
    batch = contract.Batch(store_id=store_id, messages=[numbered(1, message)])
    return gzip.compress(msgspec.json.encode(batch))


async def test_a_store_that_rests_is_told_at_once_when_a_member_withdraws(
    headquarters: Headquarters, credentials: Path
) -> None:
    member = a_member()
    async with await line_with(headquarters, credentials) as line:
        await line.fetch("withdrawals", 0)
        resting = asyncio.create_task(line.rest(10 * PATIENCE_S))
        told = contract.MemberWithdrawn(
            message_id=new_id(), store_id="headquarters", at=START, member_id=member.id
        )
        await headquarters.tell("withdrawals", (member.id, told))
        await asyncio.wait_for(resting, PATIENCE_S)
        page = await line.fetch("withdrawals", 0)
    assert len(page.changes) == 1


class Figures:
    """Two pages of a store's aggregated visits; what lies behind them is trouble."""

    async def page(self, after: int, limit: int) -> contract.Page:
        if after == 2:
            raise StoreUnavailable("the disk is full")
        if after > 2:
            raise CursorAhead("never given out")
        return contract.Page(changes=[], cursor=after + 1, remaining=limit)


async def test_headquarters_asks_a_store_that_takes_no_connections(
    headquarters: Headquarters, credentials: Path
) -> None:
    context = await asyncio.to_thread(authority.client_context, headquarters.folder)
    opened = asyncio.Event()
    async with (
        await line_with(headquarters, credentials, visits=Figures()) as line,
        through_nats.serve(headquarters.url, context, headquarters.dsn, opened.set) as door,
    ):
        await asyncio.wait_for(opened.wait(), PATIENCE_S)
        await line.fetch("changes", 0)
        asked = subjects.VisitsAsked(after=1, limit=7)
        page = msgspec.json.decode(
            await door.visits(SHOP.id, asked, PATIENCE_S), type=contract.Page
        )
        assert (page.cursor, page.remaining) == (2, 7)
        for store_id, cursor, code in (
            (SHOP.id, 2, "unavailable"),
            (SHOP.id, 3, "cursor_ahead"),
            ("lyon-2", 0, "unavailable"),
        ):
            with pytest.raises(Refused) as refused:
                await door.visits(store_id, subjects.VisitsAsked(after=cursor), PATIENCE_S)
            assert refused.value.problem.code == code
