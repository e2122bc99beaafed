"""A release goes to the stores in waves: by name, on their word, and no further once one fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from component.chain_desk import at_headquarters
from component.flows_shop import SHOP, Shop, open_shop
from component.headquarters_town import Headquarters, Transport, exchange

from edge import contract
from edge.domain.updates import Attempt, Outcome, Phase, Progress
from edge.flows.releases import tell_release
from edge.store import census
from hq.problems import Mistake
from hq.releases import rollouts
from hq.releases.waves import Wave, plan
from hq.schema import Connection

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STORES = [f"store-{number:02}" for number in range(40)]


@pytest.fixture
def transport() -> Transport:
    """What is tested here is the same above either."""
    return "https"


@pytest.fixture
async def chain(database: Connection) -> AsyncIterator[Connection]:
    """Forty stores that may speak, and one that may no more."""
    for store_id in (*STORES, "gone"):
        await database.execute("INSERT INTO stores (id) VALUES ($1)", store_id)
        await database.execute(
            "INSERT INTO certificates (fingerprint, store_id, revoked_at) VALUES ($1, $1, $2)",
            *(store_id, NOW if store_id == "gone" else None),
        )
    transaction = database.transaction()
    await transaction.start()
    yield database
    await transaction.rollback()


async def wanted(connection: Connection) -> dict[str, str | None]:
    """What each store was told last."""
    rows = await connection.fetch("SELECT store_id, body FROM feed WHERE subject LIKE 'release:%'")
    return {
        row["store_id"]: msgspec.json.decode(row["body"], type=contract.ReleaseWanted).release
        for row in rows
    }


async def tell(
    connection: Connection, store_id: str, runs: str, tried: str, outcome: Outcome
) -> None:
    told = contract.ReleaseTold(
        release=runs,
        tried=tried,
        outcome=outcome,
        message_id=f"{store_id}-{runs}-{outcome}",
        store_id=store_id,
        at=NOW + timedelta(hours=1),
    )
    await rollouts.hear(connection, store_id, [told], told.at)


async def test_each_wave_waits_for_the_word_of_the_one_before(chain: Connection) -> None:
    await rollouts.begin(chain, "1.4.0", (10, 50, 100), NOW)
    placed = plan("1.4.0", STORES, (10, 50, 100))
    first, second = ({s for s, wave in placed.items() if wave == number} for number in (0, 1))
    assert (len(first), len(second)) == (4, 16)
    assert await wanted(chain) == dict.fromkeys(first, "1.4.0")
    for store_id in sorted(first)[:-1]:
        await tell(chain, store_id, "1.4.0", "1.4.0", Outcome.UPDATED)
    assert (await wanted(chain)).keys() == first
    await tell(chain, sorted(first)[-1], "1.4.0", "1.4.0", Outcome.UPDATED)
    assert (await wanted(chain)).keys() == first | second
    for store_id in STORES:
        await tell(chain, store_id, "1.4.0", "1.4.0", Outcome.UPDATED)
    assert set((await wanted(chain)).values()) == {"1.4.0"}
    assert "gone" not in await wanted(chain)
    ended = await rollouts.newest(chain)
    assert ended is not None
    assert ended.ended_at is not None


@pytest.mark.parametrize("outcome", [Outcome.ROLLED_BACK, Outcome.NOT_STAGED, Outcome.WITHDRAWN])
async def test_a_store_that_goes_back_stops_it(chain: Connection, outcome: Outcome) -> None:
    await rollouts.begin(chain, "1.4.0", (50, 100), NOW)
    told = await wanted(chain)
    await tell(chain, sorted(told)[0], "1.3.0", "1.4.0", outcome)
    assert await wanted(chain) == dict.fromkeys(told, None)
    stopped = await rollouts.newest(chain)
    assert stopped is not None
    assert stopped.stopped_at is not None
    assert stopped.failed == sorted(told)[0]
    with pytest.raises(Mistake, match=f"{stopped.failed} gave 1.4.0 up"):
        await rollouts.begin(chain, "1.4.0", (50, 100), NOW)


async def test_stopped_by_a_person_it_stays_where_it_is(chain: Connection) -> None:
    await rollouts.begin(chain, "1.4.0", (50, 100), NOW)
    told = await wanted(chain)
    await rollouts.stop(chain, NOW, "a till does not print")
    for store_id in told:
        await tell(chain, store_id, "1.4.0", "1.4.0", Outcome.UPDATED)
    assert await wanted(chain) == dict.fromkeys(told, None)
    with pytest.raises(Mistake, match="no release is on its way"):
        await rollouts.stop(chain, NOW, "again")


async def test_an_old_failure_and_a_newer_release_hold_up_nothing(chain: Connection) -> None:
    await tell(chain, STORES[0], "1.2.0", "1.3.0", Outcome.ROLLED_BACK)
    await tell(chain, STORES[1], "2.0.0", "2.0.0", Outcome.UPDATED)
    await rollouts.begin(chain, "1.4.0", (100,), NOW)
    told = await wanted(chain)
    assert told.keys() == set(STORES) - {STORES[1]}


async def test_a_store_that_comes_later_is_told_as_well(chain: Connection) -> None:
    await rollouts.begin(chain, "1.4.0", (100,), NOW)
    await chain.execute("INSERT INTO stores (id) VALUES ('new')")
    await chain.execute("INSERT INTO certificates (fingerprint, store_id) VALUES ('n', 'new')")
    await tell(chain, "new", "1.3.0", "1.3.0", Outcome.UPDATED)
    assert (await wanted(chain))["new"] == "1.4.0"


async def test_a_store_that_comes_after_the_end_takes_what_all_have_and_is_told_once(
    chain: Connection,
) -> None:
    await rollouts.begin(chain, "1.4.0", (100,), NOW)
    for store_id in STORES:
        await tell(chain, store_id, "1.4.0", "1.4.0", Outcome.UPDATED)
    await chain.execute("INSERT INTO stores (id) VALUES ('new')")
    await chain.execute("INSERT INTO certificates (fingerprint, store_id) VALUES ('n', 'new')")
    await tell(chain, "new", "1.3.0", "1.2.0", Outcome.ROLLED_BACK)
    assert (await wanted(chain))["new"] == "1.4.0"
    position = "SELECT position FROM feed WHERE subject = 'release:new'"
    before = await chain.fetchval(position)
    await tell(chain, "new", "1.3.0", "1.4.0", Outcome.ROLLED_BACK)
    assert await chain.fetchval(position) == before


async def test_named_stores_come_first_and_hours_pass_between_two_waves(chain: Connection) -> None:
    pilots = [STORES[7], STORES[3]]
    begun = await rollouts.begin(chain, "1.4.0", (pilots, 10, 100), NOW, hours=12)
    assert begun.waves == [pilots, 10, 100]
    assert (await wanted(chain)).keys() == set(pilots)
    for store_id in pilots:
        await tell(chain, store_id, "1.4.0", "1.4.0", Outcome.UPDATED)
    rollout = await rollouts.newest(chain)
    assert rollout is not None
    assert rollout.well_at is not None
    assert rollout.next_at == rollout.well_at + timedelta(hours=12)
    for early_h in (0, 11):
        await rollouts.go_on(chain, rollout.well_at + timedelta(hours=early_h))
        assert (await wanted(chain)).keys() == set(pilots)
    await rollouts.go_on(chain, rollout.next_at)
    assert len(await wanted(chain)) in (4, 5, 6)


@pytest.mark.parametrize(
    ("version", "waves", "hours", "code"),
    [
        ("latest", (100,), 0, "version"),
        ("1.4.0", (5, 50), 0, "shares"),
        ("1.4.0", (["gone"], 100), 0, "unknown_store"),
        ("1.4.0", (100,), 337, "hours"),
        ("1.4.0", (100,), -1, "hours"),
        ("1.4.1", (100,), 0, "not_published"),
        ("1.3.0", (100,), 0, "not_newer"),
    ],
)
async def test_what_cannot_be_begun(
    chain: Connection, version: str, waves: tuple[Wave, ...], hours: int, code: str
) -> None:
    for store_id in STORES:
        await tell(chain, store_id, "1.3.0", "1.3.0", Outcome.UPDATED)
    with pytest.raises(Mistake) as refused:
        await rollouts.begin(chain, version, waves, NOW, hours=hours, published=("1.3.0", "1.4.0"))
    assert refused.value.code == code
    assert await rollouts.newest(chain) is None


async def test_without_a_store_nothing_is_begun(database: Connection) -> None:
    with pytest.raises(Mistake, match="no store was admitted yet"):
        await rollouts.begin(database, "1.4.0", (100,), NOW)


async def test_one_release_at_a_time(chain: Connection) -> None:
    await rollouts.begin(chain, "1.4.0", (100,), NOW)
    with pytest.raises(Mistake, match="on its way already"):
        await rollouts.begin(chain, "1.5.0", (100,), NOW)


async def test_over_the_line_a_store_learns_it_and_tells_how_it_went(
    tmp_path: Path, headquarters: Headquarters, credentials: Path
) -> None:
    async with open_shop(tmp_path / "state") as shop:
        await at_headquarters(headquarters, lambda db: rollouts.begin(db, "1.4.0", (100,), NOW))
        await round_of(shop, headquarters, credentials)
        assert census.wanted_release(tmp_path / "state" / "regulars.db") == "1.4.0"
        under_way = Progress(phase=Phase.SWITCHING, version="1.4.0")
        taken = Attempt(version="1.4.0", outcome=Outcome.UPDATED, ended_at=NOW)
        for progress in (under_way, Progress(last=taken), Progress(last=taken)):
            await tell_release(shop.store, progress, "1.4.0", shop.clock, store_id=SHOP.id)
        assert await shop.store.read(lambda reader: reader.outbox.count()) == 1
        await round_of(shop, headquarters, credentials)
        (told,) = await headquarters.do("SELECT version, tried, outcome FROM releases")
        assert tuple(told) == ("1.4.0", "1.4.0", "updated")
        (rollout,) = await headquarters.do("SELECT ended_at FROM rollouts")
        assert rollout["ended_at"] is not None


async def round_of(shop: Shop, headquarters: Headquarters, credentials: Path) -> None:
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()


async def test_headquarters_that_serves_goes_on_when_the_rest_is_over(
    headquarters: Headquarters,
) -> None:
    async def begun(database: Connection) -> None:
        for store_id in ("lyon", "nice"):
            await database.execute("INSERT INTO stores (id) VALUES ($1)", store_id)
            await database.execute(
                "INSERT INTO certificates (fingerprint, store_id) VALUES ($1, $1)", store_id
            )
        await rollouts.begin(database, "1.4.0", (["lyon"], 100), NOW, hours=1)
        await tell(database, "lyon", "1.4.0", "1.4.0", Outcome.UPDATED)
        assert "nice" not in await wanted(database)
        await database.execute("UPDATE rollouts SET well_at = $1", NOW)

    await at_headquarters(headquarters, begun)
    await asyncio.to_thread(headquarters.kill)
    await asyncio.to_thread(headquarters.start)
    told = "SELECT 1 FROM feed WHERE subject = 'release:nice'"
    async with asyncio.timeout(60):
        while not await headquarters.do(told):
            await asyncio.to_thread(time.sleep, 0.05)
