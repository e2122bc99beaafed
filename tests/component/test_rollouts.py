"""A release goes to the stores in waves: by name, on their word, and no further once one fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from component.chain_desk import at_headquarters
from component.flows_shop import SHOP, Shop, open_shop
from component.headquarters_town import Headquarters, Transport, exchange
from hypothesis import given
from hypothesis import strategies as st

from edge import contract
from edge.domain.updates import Attempt, Outcome, Phase, Progress
from edge.flows.releases import tell_release
from edge.store import census
from hq import rollouts
from hq.problems import Mistake
from hq.rollouts import share, wave_of
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
    await rollouts.hear(connection, store_id, [told])


async def test_each_wave_waits_for_the_word_of_the_one_before(chain: Connection) -> None:
    await rollouts.begin(chain, "1.4.0", (10, 50, 100), NOW)
    first = {s for s in STORES if wave_of("1.4.0", s, (10, 50, 100)) == 0}
    second = {s for s in STORES if wave_of("1.4.0", s, (10, 50, 100)) == 1}
    assert 0 < len(first) < len(second) < len(STORES)
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
    assert sorted(told)[0] in stopped.because


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


@pytest.mark.parametrize(
    ("version", "waves", "says"),
    [
        ("latest", (100,), "is no version"),
        ("1.4.0", (50, 10, 100), "percentages that grow"),
        ("1.4.0", (5, 50), "end at 100"),
        ("1.4.0", (), "end at 100"),
    ],
)
async def test_what_cannot_be_begun(
    chain: Connection, version: str, waves: tuple[int, ...], says: str
) -> None:
    with pytest.raises(Mistake, match=says):
        await rollouts.begin(chain, version, waves, NOW)


async def test_one_release_at_a_time(chain: Connection) -> None:
    await rollouts.begin(chain, "1.4.0", (100,), NOW)
    with pytest.raises(Mistake, match="on its way already"):
        await rollouts.begin(chain, "1.5.0", (100,), NOW)


@given(st.text(max_size=30), st.from_regex(r"\A[0-9]{1,3}\.[0-9]{1,3}\Z"))
def test_every_store_has_its_place_in_the_line(store_id: str, version: str) -> None:
    assert 0 <= share(version, store_id) < 100
    assert wave_of(version, store_id, (5, 25, 100)) <= wave_of(version, store_id, (1, 2, 100))


def test_the_first_stores_are_others_each_time_and_as_many_as_was_said() -> None:
    names = [f"store-{number}" for number in range(2000)]
    first = {v: {n for n in names if wave_of(v, n, (5, 100)) == 0} for v in ("1.4.0", "1.5.0")}
    assert all(60 < len(found) < 140 for found in first.values())
    assert len(first["1.4.0"] & first["1.5.0"]) < 25


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
