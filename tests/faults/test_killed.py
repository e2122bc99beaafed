"""kill -9 of each process at every step of an exchange: nothing is lost, nothing counts twice."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from component.claim_machines import Machine, claims, store
from component.headquarters_town import exchange_over
from faults.chain import Chain, impatient
from faults.checker import check
from faults.nursery import until
from faults.outlets import Guide, Outlet
from faults.postgres import Postgres
from faults.wire import Wire, open_wire

from edge.errors import HeadquartersUnavailable
from edge.sync.exchange import Exchange

IMPATIENT_S = 2.0
"""How long a gateway waits for an answer that cannot come."""
HTTPS = pytest.mark.parametrize("transport", ["https"])
KINDS_OF_STEPS = {
    "before a page of withdrawals",
    "a page of withdrawals has come",
    "before a batch is sent",
    "a batch is acknowledged",
    "before a page of changes",
    "a page of changes has come",
    "before a transaction",
    "in a transaction",
    "before a commit",
}


@pytest.fixture
async def wire(idle: Chain, postgres: Postgres, tmp_path: Path) -> AsyncIterator[Wire]:
    """The way of headquarters to its database."""
    async with open_wire(postgres.socket, tmp_path / "wire") as wire:
        folder = str(postgres.socket.parent)
        idle.headquarters.through = idle.headquarters.dsn.replace(folder, str(tmp_path / "wire"))
        yield wire


async def test_a_gateway_killed_at_every_step(idle: Chain) -> None:
    idle.headquarters.page = 3
    await idle.headquarters.up()
    lyon, nice = await idle.outlet("lyon"), await idle.outlet("nice")
    cut, met = 0, set()
    while True:
        for outlet in (nice, lyon):
            async with outlet.open() as shop:
                await Guide(outlet, shop).day(cut)
                if outlet is nice:
                    await idle.round(outlet, shop)
        code = await (await idle.gateway(lyon, cut=cut)).end()
        if code == 0:
            break
        assert code == -signal.SIGKILL
        met.add(lyon.state.with_suffix(".ready").read_text())
        cut += 1
        assert await (await idle.gateway(lyon)).end() == 0
    assert met == KINDS_OF_STEPS
    await idle.settle()
    await check(idle)


async def work_and_exchange(chain: Chain, outlet: Outlet, number: int) -> bool:
    """A day in the store and its exchange; whether that came to its end."""
    async with outlet.open() as shop:
        await Guide(outlet, shop).day(number)
        try:
            await chain.round(outlet, shop)
        except HeadquartersUnavailable:
            return False
    return True


@HTTPS
async def test_headquarters_killed_at_every_step(idle: Chain, wire: Wire) -> None:
    await idle.headquarters.up()
    lyon = await idle.outlet("lyon")
    assert await work_and_exchange(idle, lyon, 0)

    async def kill(_: int) -> None:
        await idle.headquarters.down()

    cut = 0
    while True:
        wire.cut(cut, kill)
        ended = await work_and_exchange(idle, lyon, cut + 1)
        if wire.calm():
            break
        assert not ended
        await idle.headquarters.up()
        async with lyon.open() as shop:
            await idle.round(lyon, shop)
        cut += 1
    assert cut > 20
    await idle.settle()
    await check(idle)


@HTTPS
@pytest.mark.parametrize(
    ("how", "every"),
    [
        (signal.SIGTERM, 3),  # an odd stride meets both sides of a question
        (signal.SIGKILL, 11),  # PostgreSQL ends all backends and recovers, which takes its time
    ],
)
async def test_a_backend_of_the_database_ended_at_many_steps(
    idle: Chain, wire: Wire, how: signal.Signals, every: int
) -> None:
    await idle.headquarters.up()
    lyon = await idle.outlet("lyon")

    async def kill(backend: int) -> None:
        os.kill(backend, how)

    cut = 0
    while True:
        wire.cut(cut, kill)
        await work_and_exchange(idle, lyon, cut)
        if wire.calm():
            break
        await until("headquarters with its database", lambda: round_ends(idle, lyon))
        cut += every
    await idle.settle()
    await check(idle)


async def round_ends(chain: Chain, outlet: Outlet) -> bool:
    async with outlet.open() as shop:
        try:
            await chain.round(outlet, shop)
        except HeadquartersUnavailable:
            return False
    return True


@HTTPS
async def test_the_postmaster_killed(idle: Chain, wire: Wire, postgres: Postgres) -> None:
    await idle.headquarters.up()
    lyon = await idle.outlet("lyon")

    async def kill(_: int) -> None:
        await asyncio.to_thread(postgres.kill)

    for cut in (0, 13, 26, 39):
        wire.cut(cut, kill)
        assert not await work_and_exchange(idle, lyon, cut)
        await until("the end of the postmaster", wire.done.is_set)
        assert not await round_ends(idle, lyon)
        await asyncio.to_thread(postgres.start)
        await until("headquarters with its database", lambda: round_ends(idle, lyon))
    await idle.settle()
    await check(idle)


@pytest.mark.parametrize("transport", ["nats"])
@pytest.mark.parametrize("victim", ["the NATS server", "headquarters"])
async def test_one_killed_while_a_batch_is_in_the_stream(
    idle: Chain, wire: Wire, victim: str
) -> None:
    """The server has acknowledged the batch, and only headquarters' answer counts."""
    await idle.headquarters.up()
    lyon = await idle.outlet("lyon")
    broker = idle.headquarters.broker
    assert broker is not None

    async def kill(_: int) -> None:
        if victim == "headquarters":
            await idle.headquarters.down()
        else:
            await asyncio.to_thread(broker.kill)

    for cut in range(0, 50, 12):
        wire.cut_at("BEGIN", kill) if cut == 0 else wire.cut(cut, kill)
        async with lyon.open() as shop:
            await Guide(lyon, shop).day(cut)
            async with idle.line(lyon) as line:
                with impatient(line, IMPATIENT_S):
                    await until("the end of it", lambda: cut_off(exchange_over(line, shop), wire))
        if victim == "headquarters":
            await idle.headquarters.up()
        else:
            await asyncio.to_thread(broker.start)
        await until("headquarters with its stores", lambda: round_ends(idle, lyon))
    await idle.settle()
    await check(idle)


async def cut_off(exchange: Exchange, wire: Wire) -> bool:
    """A round that ends before its time; whether by the cut, and not for want of patience alone."""
    with suppress(HeadquartersUnavailable):
        await exchange.round()
    return wire.done.is_set()


@HTTPS
async def test_headquarters_killed_at_every_step_of_an_admission(
    idle: Chain, wire: Wire, tmp_path: Path
) -> None:
    await idle.headquarters.up()

    async def kill(_: int) -> None:
        await idle.headquarters.down()

    cut = 0
    while True:
        (claim,) = await claims(idle.headquarters, [store(f"store-{cut}")])
        machine = Machine.new(tmp_path / f"machine-{cut}")
        await asyncio.to_thread(machine.take_in, claim)
        wire.cut(cut, kill)
        with suppress(HeadquartersUnavailable):
            await machine.pursue()
        if wire.calm():
            break
        await idle.headquarters.up()
        await machine.pursue()
        assert machine.config.store.id == f"store-{cut}"
        cut += 1
    assert cut > 10
    counted = await idle.headquarters.do("SELECT store_id FROM certificates WHERE store_id ~ '^st'")
    assert len({row["store_id"] for row in counted}) == len(counted) == cut + 1
