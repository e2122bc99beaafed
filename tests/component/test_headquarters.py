"""A store and headquarters on a real database: nothing is lost, nothing counts twice."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from component.flows_shop import GUIDE, SHOP, Shop, open_shop
from component.headquarters_town import (
    Headquarters,
    Proxy,
    exchange,
    going_on,
    numbered,
    put_visits,
    waiting,
)
from component.store_values import START, a_member

from edge import contract
from edge.demo.town import PROJECT
from edge.domain import new_id
from edge.errors import HeadquartersRefused, HeadquartersUnavailable
from edge.sync.batching import LONGEST_PAUSE_S

PATIENCE_S = 2 * LONGEST_PAUSE_S  # an exchange that failed may rest so long before it tries again


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def test_a_backlog_arrives_whole_and_in_order(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    told = await put_visits(shop, 2500)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
    assert await headquarters.held() == told
    assert await waiting(shop) == 0


async def test_lost_acknowledgements_are_answered_by_sending_again_and_nothing_counts_twice(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    told = await put_visits(shop, 3000)
    async with Proxy(headquarters.line_port) as proxy:
        proxy.lose_answers = 3
        async with exchange(shop, credentials, headquarters.at(proxy.port)) as line:
            lost = 0
            while await waiting(shop):
                try:
                    await line.push()
                except HeadquartersUnavailable:
                    lost += 1
                    assert lost < 20
    assert lost >= 3
    assert await headquarters.held() == told


async def test_headquarters_killed_in_mid_exchange_loses_and_doubles_nothing(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    told = await put_visits(shop, 6000)
    async with exchange(shop, credentials, headquarters.url) as line:
        pushing = asyncio.create_task(line.push())
        for share in (5000, 3000):
            while await waiting(shop) > share:
                pushing = await going_on(pushing, line)
            await asyncio.to_thread(headquarters.kill)
            await asyncio.to_thread(headquarters.start)
        while await waiting(shop):
            pushing = await going_on(pushing, line)
        await pushing
    assert await headquarters.held() == told
    assert await waiting(shop) == 0


async def test_a_gateway_killed_in_mid_exchange_loses_and_doubles_nothing(
    tmp_path: Path, headquarters: Headquarters, credentials: Path
) -> None:
    state = tmp_path / "state"
    async with open_shop(state) as shop:
        told = await put_visits(shop, 6000)
    for share, kept in ((1500, 3000), (3500, 2000), (None, 0)):
        await asyncio.to_thread(push_apart, headquarters, credentials, state, share, kept)
    assert await headquarters.held() == told
    async with open_shop(state) as shop:
        assert await waiting(shop) == 0


def push_apart(
    headquarters: Headquarters, credentials: Path, state: Path, share: int | None, kept: int
) -> None:
    """Push in a process of its own; killed once headquarters holds that many, or left to end.

    What it keeps back it cannot have sent before it is killed, however late that is.
    """
    script = Path(__file__).with_name("exchange_apart.py")
    process = subprocess.Popen(
        [sys.executable, str(script), str(state), str(credentials), headquarters.url, str(kept)],
        env={**os.environ, "PYTHONPATH": f"{PROJECT}{os.pathsep}{PROJECT / 'tests'}"},
    )
    try:
        while share is not None and process.poll() is None:
            if len(asyncio.run(headquarters.held())) >= share:
                process.kill()
        assert process.wait(PATIENCE_S) == (0 if share is None else -signal.SIGKILL)
    finally:
        process.kill()
        process.wait()


async def test_batches_that_come_twice_and_out_of_order_count_once(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    member = a_member()
    edits = [
        contract.MemberChanged(
            message_id=new_id(),
            store_id=SHOP.id,
            at=START + timedelta(seconds=n),
            member_id=member.id,
            profile=contract.Profile(name=f"Ana {n}"),
        )
        for n in range(6)
    ]
    batches = [
        contract.Batch(store_id=SHOP.id, messages=[numbered(n, edit)])
        for n, edit in enumerate(edits)
    ] * 2
    random.Random(4).shuffle(batches)
    async with exchange(shop, credentials, headquarters.url) as line:
        await asyncio.gather(
            *(line._line.send(msgspec.json.encode(b), urgent=False) for b in batches)
        )
        await line.pull("changes")
    kept = await shop.store.read(lambda reader: reader.members.get(member.id))
    assert kept is not None
    assert kept.name == "Ana 5"
    assert len(await headquarters.held()) == 6
    history = await headquarters.do("SELECT value FROM member_history")
    assert sorted(row["value"] for row in history) == [f'"Ana {n}"' for n in range(5)]


async def test_a_store_put_back_from_a_backup_sends_nothing_twice_and_loses_nothing_new(
    tmp_path: Path, headquarters: Headquarters, credentials: Path
) -> None:
    async with open_shop(tmp_path / "one") as shop:
        told = await put_visits(shop, 5)
    shutil.copytree(tmp_path / "one", tmp_path / "backup")
    async with (
        open_shop(tmp_path / "one") as shop,
        exchange(shop, credentials, headquarters.url) as line,
    ):
        told += await put_visits(shop, 5)
        await line.round()
    async with (
        open_shop(tmp_path / "backup") as shop,
        exchange(shop, credentials, headquarters.url) as line,
    ):
        told += await put_visits(shop, 7)
        await line.round()
        assert await waiting(shop) == 0
    assert await headquarters.held() == told


async def test_nobody_withdrawn_comes_back_with_a_backup(
    tmp_path: Path, headquarters: Headquarters, credentials: Path
) -> None:
    async with open_shop(tmp_path / "one") as shop:
        member, consent = await shop.enrolled()
    shutil.copytree(tmp_path / "one", tmp_path / "backup")
    async with (
        open_shop(tmp_path / "one") as shop,
        exchange(shop, credentials, headquarters.url) as line,
    ):
        await shop.enrollment.withdraw(GUIDE, consent.id)
        await line.round()
    async with (
        open_shop(tmp_path / "backup") as shop,
        exchange(shop, credentials, headquarters.url) as line,
    ):
        assert await shop.store.read(lambda reader: reader.templates.count_of(member.id)) == 1
        await line.round()
        assert await shop.store.read(lambda reader: reader.templates.count_of(member.id)) == 0


async def test_a_withdrawal_elsewhere_ends_what_is_in_force_here_once(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    member, _ = await shop.enrolled()
    told = contract.MemberWithdrawn(
        message_id=new_id(), store_id="elsewhere", at=START, member_id=member.id
    )
    await headquarters.tell("withdrawals", (member.id, told))
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.pull("withdrawals")
        assert await shop.store.read(lambda reader: reader.templates.count_of(member.id)) == 0
        assert shop.gallery.templates == {}
        anew = await shop.consent(member)
        await line.resync("withdrawals")
        await line.round()
    active = await shop.store.read(lambda reader: reader.consents.active_of(member.id))
    assert active == anew


async def test_a_cursor_from_the_future_begins_a_full_resync(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    member = await shop.member()
    async with exchange(shop, credentials, headquarters.url) as line:
        await shop.store.write(lambda tx: tx.exchange.move("changes", 10**9))
        with pytest.raises(HeadquartersRefused) as refused:
            await line._line.fetch("changes", 10**9)
        assert refused.value.refusal == "cursor_ahead"
        await line.round()
    cursor = await shop.store.read(lambda reader: reader.exchange.cursor("changes"))
    assert 0 < cursor < 10**9
    assert (await headquarters.do("SELECT id FROM members"))[0]["id"] == member.id


async def test_an_open_exchange_goes_on_by_itself_when_headquarters_is_back(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    await asyncio.to_thread(headquarters.kill)
    told = await put_visits(shop, 3)
    async with exchange(shop, credentials, headquarters.url) as line, line:
        await asyncio.to_thread(headquarters.start)
        async with asyncio.timeout(PATIENCE_S):
            while await waiting(shop):
                await asyncio.to_thread(time.sleep, 0.05)
    assert await headquarters.held() == told
