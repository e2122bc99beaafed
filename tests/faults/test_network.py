"""A line that is cut, silent, slow, or brings what was said long after: all end in agreement."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest
from component.headquarters_town import exchange_over
from faults.chain import Chain, impatient
from faults.checker import check
from faults.nursery import until
from faults.outlets import Guide
from faults.postgres import Postgres
from faults.proxy import open_network
from faults.wire import open_wire

from edge.errors import HeadquartersUnavailable

IMPATIENT_S = 0.5
"""How long a gateway waits for an answer that cannot come."""


async def test_connections_reset_again_and_again(chain: Chain) -> None:
    """However far a round has come: it is cut at a moment that nobody chooses."""
    lyon = await chain.outlet("lyon")
    async with (
        open_network(chain.headquarters.line_port) as network,
        lyon.open() as shop,
        chain.line(lyon, network.port) as line,
    ):
        guide, exchange = Guide(lyon, shop), exchange_over(line, shop)
        for number in range(8):
            await guide.day(number)
            going = asyncio.create_task(exchange.round())
            for _ in range(number * 20):
                await asyncio.sleep(0)
            network.cut()
            await asyncio.gather(going, return_exceptions=True)
            assert not isinstance(going.exception(), AssertionError)
        await until("the end of a round", lambda: ends(exchange))
    await chain.settle()
    await check(chain)


async def ends(exchange: object) -> bool:
    try:
        await exchange.round()  # type: ignore[attr-defined]
    except HeadquartersUnavailable:
        return False
    return True


@pytest.mark.parametrize("fault", ["silent", "deaf"])
async def test_a_peer_that_vanished_without_a_word(chain: Chain, fault: str) -> None:
    """Half-open: connections stay, nothing comes. ``deaf`` loses the answers alone."""
    lyon = await chain.outlet("lyon")
    async with (
        open_network(chain.headquarters.line_port) as network,
        lyon.open() as shop,
        chain.line(lyon, network.port) as line,
    ):
        guide, exchange = Guide(lyon, shop), exchange_over(line, shop)
        await guide.day(0)
        await exchange.round()
        await guide.day(1)
        setattr(network, fault, True)
        with impatient(line, IMPATIENT_S), pytest.raises(HeadquartersUnavailable):
            await exchange.round()
        gc.collect()  # complains of a connection that was let go of and not closed
        await guide.day(2)
        setattr(network, fault, False)
        network.cut()
        await until("the end of a round", lambda: ends(exchange))
    await chain.settle()
    await check(chain)


async def test_a_slow_line_loses_nothing(chain: Chain) -> None:
    lyon = await chain.outlet("lyon")
    async with open_network(chain.headquarters.line_port) as network, lyon.open() as shop:
        network.slow_s = 0.02
        await Guide(lyon, shop).day(0)
        await chain.round(lyon, shop, network.port)
    await chain.settle()
    await check(chain)


@pytest.mark.parametrize("transport", ["https"])
async def test_a_batch_that_arrives_after_its_repetition_and_later_ones(
    idle: Chain, postgres: Postgres, tmp_path: Path
) -> None:
    """Headquarters begins on a batch and is held up, the store is cut off and sends it again with
    what came since; then headquarters goes on with the first."""
    folder = tmp_path / "wire"
    async with open_wire(postgres.socket, folder) as wire:
        dsn = idle.headquarters.dsn
        idle.headquarters.through = dsn.replace(str(postgres.socket.parent), str(folder))
        await idle.headquarters.up()
        lyon = await idle.outlet("lyon")
        async with (
            open_network(idle.headquarters.port) as network,
            lyon.open() as shop,
            idle.line(lyon, network.port) as line,
        ):
            guide, exchange = Guide(lyon, shop), exchange_over(line, shop)
            member_id = await guide.join("Ana")
            await exchange.round()
            await guide.rename(member_id, "Anna")
            go_on = asyncio.Event()
            begun = asyncio.Event()

            async def hold(_: int) -> None:
                begun.set()
                await go_on.wait()

            wire.cut_at("BEGIN", hold)
            sending = asyncio.create_task(exchange.push())
            await until("a batch at headquarters", begun.is_set)
            network.hang_up()
            with pytest.raises(HeadquartersUnavailable):
                await sending
            await guide.rename(member_id, "Annabel")
            await exchange.push()
            await guide.rename(member_id, "Annette")
            await exchange.push()
            go_on.set()
            await until("the held batch", wire.done.is_set)
            await exchange.round()
        await idle.settle()
        await check(idle)
