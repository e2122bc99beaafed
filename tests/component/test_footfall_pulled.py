"""Headquarters pulls every store's sums: in rounds, once, and never an earlier revision."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from component.footfall_shop import SHOP, Counted, open_counted
from component.headquarters_town import Headquarters, Transport
from component.pulling import rounds
from component.store_values import START

from edge.app.headquarters import line_to
from edge.contract import FootfallRow
from edge.sync.credentials import server_context
from edge.sync.visits_door import serve_headquarters
from hq.footfall import Store, put_address
from hq.footfall.rounds import TURN_S
from hq.footfall.rows import keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """A store with its door open, and headquarters' books."""

    counted: Counted
    headquarters: Headquarters

    async def days(self, number: int) -> None:
        """Tell so many days of a good dozen visits."""
        for _ in range(number):
            await self.counted.visits(12, self.counted.clock.now)
            self.counted.clock.move(hours=24)
        self.counted.clock.move(hours=24)
        while await self.counted.footfall.build():
            pass

    async def held(self) -> dict[tuple[str, str, Any], tuple[int, FootfallRow]]:
        rows = await self.headquarters.do(
            "SELECT *, body::text AS text FROM footfall WHERE store_id = $1", SHOP.id
        )
        return {
            (row["zone"], row["period"], row["starts_at"]): (
                row["revision"],
                msgspec.json.decode(row["text"], type=FootfallRow),
            )
            for row in rows
        }

    async def told(self) -> dict[tuple[str, str, Any], tuple[int, FootfallRow]]:
        rows: list[FootfallRow] = []
        cursor, remaining = 0, 1
        while remaining:
            page = await self.counted.footfall.page(cursor)
            rows, cursor, remaining = rows + page.rows, page.cursor, page.remaining
        return {(r.zone, r.period.value, r.starts_at): (r.revision, r) for r in rows}

    async def pull(self) -> Any:
        (row,) = await self.headquarters.do("SELECT * FROM pulls WHERE store_id = $1", SHOP.id)
        return row

    async def stop(self) -> None:
        """Kill headquarters, and wait until the server has done what it asked for last."""
        await asyncio.to_thread(self.headquarters.kill)
        await until(self._nobody_asks)

    async def _nobody_asks(self) -> bool:
        return not await self.headquarters.do(
            "SELECT FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    async def rests(self) -> bool:
        """Whether no turn goes on: a rest is longer than one may last."""
        found = await self.headquarters.do("SELECT due_at - now() AS rest FROM pulls")
        return bool(found[0]["rest"].total_seconds() > TURN_S)

    async def due(self) -> None:
        await self.headquarters.do("UPDATE pulls SET due_at = now()")


https_alone = pytest.mark.parametrize("transport", ["https"])  # the same whatever carries it


@pytest.fixture
async def pulled(
    tmp_path: Path, headquarters: Headquarters, transport: Transport
) -> AsyncIterator[Pulled]:
    credentials = await headquarters.admit(SHOP.id)
    async with AsyncExitStack() as stack:
        counted = await stack.enter_async_context(open_counted(tmp_path / "state"))
        pulled = Pulled(counted=counted, headquarters=headquarters)
        if transport == "nats":
            line = await line_to(headquarters.url, credentials, counted.footfall)
            await stack.enter_async_context(line)
            await line.fetch("changes", 0)
            await address(headquarters, SHOP.id, "nats:")
        else:
            door = serve_headquarters(counted.footfall, server_context(credentials), "127.0.0.1:0")
            port = await stack.enter_async_context(door)
            await address(headquarters, SHOP.id, f"https://127.0.0.1:{port}")
        yield pulled


async def address(headquarters: Headquarters, store_id: str, url: str) -> None:
    connection = await asyncpg.connect(headquarters.dsn)
    try:
        await put_address(connection, store_id, url)
    finally:
        await connection.close()


async def until(true: Callable[[], Any], within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not await true():
            await asyncio.to_thread(time.sleep, 0.05)


@pytest.fixture
async def quiet(pulled: Pulled) -> Pulled:
    """Without the instance that runs by itself."""
    await pulled.stop()
    await pulled.due()
    return pulled


async def test_headquarters_holds_what_the_store_tells(pulled: Pulled) -> None:
    """The whole of it: a process that serves stores pulls them too."""
    await until(pulled.rests)  # a turn that goes on would set when the next is due
    await pulled.days(3)
    await pulled.due()
    told = await pulled.told()

    async def held() -> bool:
        return await pulled.held() == told

    await until(held)
    assert len(told) == 3 * 363


@https_alone
async def test_a_correction_takes_the_place_of_what_it_corrects(quiet: Pulled) -> None:
    await quiet.days(1)
    async with rounds(quiet.headquarters) as (instance, _):
        assert await instance.turn()
        assert not await instance.turn()
        await quiet.counted.visits(12, START)
        await quiet.counted.footfall.build()
        await quiet.due()
        assert await instance.turn()
    held = await quiet.held()
    assert held == await quiet.told()
    assert {revision for revision, _ in held.values()} == {1, 2}


@https_alone
async def test_an_earlier_revision_never_replaces_a_later_one(quiet: Pulled) -> None:
    await quiet.days(1)
    first = await quiet.counted.footfall.page(0)
    await quiet.counted.visits(12, START)
    await quiet.counted.footfall.build()
    async with rounds(quiet.headquarters) as (instance, _):
        await instance.turn()
    held = await quiet.held()
    store = Store(id=SHOP.id, address="")
    connection = await asyncpg.connect(quiet.headquarters.dsn)
    try:
        await quiet.headquarters.do("UPDATE pulls SET cursor = 0")
        assert await keep(connection, store, 0, first)
        assert not await keep(connection, store, 0, first)
    finally:
        await connection.close()
    assert await quiet.held() == held


@https_alone
async def test_several_instances_ask_each_page_once(quiet: Pulled) -> None:
    await quiet.days(6)
    async with (
        rounds(quiet.headquarters) as (one, asked_by_one),
        rounds(quiet.headquarters) as (two, asked_by_two),
    ):
        turns = await asyncio.gather(*(instance.turn() for instance in (one, two) * 4))
    assert turns.count(True) == 1
    asked = asked_by_one.asked + asked_by_two.asked
    assert set(asked.values()) == {1}
    assert len(asked) == 3
    assert await quiet.held() == await quiet.told()


@https_alone
async def test_a_store_that_hangs_holds_up_nobody(quiet: Pulled) -> None:
    held_open = asyncio.Event()

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held_open.wait()
        writer.close()

    await quiet.days(1)
    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    for name in ("hangs-1", "hangs-2", "hangs-3"):
        await quiet.headquarters.admit(name)
        await address(quiet.headquarters, name, f"https://127.0.0.1:{port}")
    async with rounds(quiet.headquarters) as (instance, noted), instance:
        told = await quiet.told()

        async def held() -> bool:
            return await quiet.held() == told and len(noted.asked) == 4

        await until(held)
        held_open.set()
    server.close()
    await server.wait_closed()


@https_alone
async def test_a_store_that_does_not_answer_is_asked_again_later(quiet: Pulled) -> None:
    await quiet.headquarters.admit("away")
    await address(quiet.headquarters, "away", "https://127.0.0.1:1")
    await quiet.headquarters.do("UPDATE pulls SET due_at = 'infinity' WHERE store_id <> 'away'")
    async with rounds(quiet.headquarters) as (instance, _):
        assert await instance.turn()
        assert not await instance.turn()
    (row,) = await quiet.headquarters.do("SELECT * FROM pulls WHERE store_id = 'away'")
    assert (row["failures"], row["trouble"], row["cursor"]) == (1, "unreachable", 0)


@https_alone
async def test_a_store_that_was_revoked_is_not_pulled(quiet: Pulled) -> None:
    await quiet.headquarters.do("UPDATE certificates SET revoked_at = now()")
    async with rounds(quiet.headquarters) as (instance, noted):
        assert not await instance.turn()
        assert not noted.asked


@https_alone
async def test_an_address_that_leads_to_another_store_leads_nowhere(quiet: Pulled) -> None:
    await quiet.days(1)
    await quiet.headquarters.admit("other")
    await address(quiet.headquarters, "other", (await quiet.pull())["address"])
    async with rounds(quiet.headquarters) as (instance, _):
        while await instance.turn():
            pass
    rows = await quiet.headquarters.do("SELECT DISTINCT store_id FROM footfall")
    assert [row["store_id"] for row in rows] == [SHOP.id]


async def test_a_store_put_back_from_a_backup_is_read_again(pulled: Pulled) -> None:
    await until(pulled.rests)  # a turn that goes on would take the cursor below for a newer one's
    await pulled.days(1)
    await pulled.headquarters.do("UPDATE pulls SET cursor = 100000, due_at = now()")
    told = await pulled.told()

    async def held() -> bool:
        return await pulled.held() == told

    await until(held)
    assert (await pulled.pull())["trouble"] is None


async def test_killed_while_it_pulls_headquarters_goes_on_where_it_was(pulled: Pulled) -> None:
    await pulled.stop()
    await pulled.days(30)
    told = await pulled.told()

    async def some() -> bool:
        return (await pulled.pull())["cursor"] > 0

    async def all_of_it() -> bool:
        return bool((await pulled.pull())["cursor"] == len(told))

    for finished in (some, some, all_of_it):
        await pulled.due()
        await asyncio.to_thread(pulled.headquarters.start)
        await until(finished)
        await pulled.stop()
    assert await pulled.held() == told
