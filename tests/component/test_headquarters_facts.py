"""What stores tell becomes rows, once in effect, whatever the order; old databases come along."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import asyncpg
import msgspec
import pytest
from component.headquarters_history import History, histories, take_in
from component.headquarters_town import new_database, numbered

from edge import contract
from edge.domain import ArrivedBy, Claim
from hq import schema
from hq.ingest import ingest
from hq.schema import Connection, first

FACTS = ("visits", "consents", "redemptions", "sales", "members")


@pytest.fixture
async def other(postgres: str) -> AsyncIterator[Connection]:
    """Another database, which is empty."""
    connection = await asyncpg.connect(await new_database(postgres))
    yield connection
    await connection.close()


async def rows(connection: Connection, *tables: str) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: [tuple(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY id")]
        for table in tables
    }


@pytest.mark.parametrize("seed", range(6))
async def test_the_same_rows_come_of_batches_in_any_order_and_more_than_once(
    database: Connection, other: Connection, seed: int
) -> None:
    told = histories(seed)
    await take_in(database, told)
    await schema.prepare(other)
    await take_in(other, told, mixed=random.Random(seed))
    assert await rows(database, *FACTS) == await rows(other, *FACTS)


async def test_a_visit_says_how_it_began_what_was_answered_and_when_it_ended(
    database: Connection,
) -> None:
    history = History(random.Random(1), "lyon-1")
    about = {"visit_id": "v", "member_id": "ana"}
    history.tell(contract.VisitOpened, arrived_by=ArrivedBy.FACE, **about)
    await take_in(database, [history])
    (row,) = await database.fetch("SELECT * FROM visits")
    assert (row["store_id"], row["member_id"], row["arrived_by"]) == ("lyon-1", "ana", "face")
    assert (row["claim"], row["answered_at"], row["closed_at"]) == ("possible", None, None)
    history.tell(contract.VisitAnswered, claim=Claim.REFUSED, **about)
    history.tell(contract.VisitClosed, **about)
    await take_in(database, [history])
    (row,) = await database.fetch("SELECT * FROM visits")
    opened, answered, closed = history.messages
    assert row["claim"] == "refused"
    times = (row["opened_at"], row["answered_at"], row["closed_at"])
    assert times == (opened.at, answered.at, closed.at)


async def test_a_store_cannot_change_what_another_told(database: Connection) -> None:
    ours, theirs = (History(random.Random(1), store_id) for store_id in ("lyon-1", "nice-2"))
    about = {"visit_id": "v", "member_id": "ana"}
    ours.tell(contract.VisitOpened, arrived_by=ArrivedBy.FACE, **about)
    theirs.tell(contract.VisitAnswered, claim=Claim.REFUSED, **about)
    await take_in(database, [ours, theirs])
    (row,) = await database.fetch("SELECT store_id, claim FROM visits")
    assert tuple(row) == ("lyon-1", "possible")


@pytest.mark.parametrize("seed", range(3))
async def test_a_database_from_before_the_tables_is_filled_from_its_events(
    database: Connection, other: Connection, seed: int
) -> None:
    await take_in(database, histories(seed))
    await other.execute(first.SQL)
    for table in ("stores", "events", "members"):
        held = await database.fetch(f"SELECT * FROM {table}")
        await other.copy_records_to_table(table, records=[tuple(row) for row in held])
    await schema.prepare(other)
    await schema.prepare(other)
    told = [table for table in FACTS if table != "sales"]  # which nobody told of then
    assert await rows(other, *told) == await rows(database, *told)


async def test_what_was_in_quarantine_leaves_it_once_it_can_be_taken_in(
    database: Connection,
) -> None:
    await database.execute("INSERT INTO stores (id) VALUES ('lyon-1')")
    history = History(random.Random(1), "lyon-1")
    history.tell(contract.MemberChanged, member_id="ana")
    torn = contract.Numbered(sequence=2, message=msgspec.Raw(b'{"type":"Weather"}'))
    whole = numbered(1, history.messages[0])
    await database.execute(
        "INSERT INTO quarantine (store_id, sequence, code, body) VALUES ('lyon-1', 1, $1, $2)",
        *("unknown_type", bytes(whole.message)),
    )
    for message, left in ((torn, [1, 2]), (whole, [2])):
        batch = contract.Batch(store_id="lyon-1", messages=[message])
        await ingest(database, "lyon-1", batch)
        assert await waiting_numbers(database) == left


async def test_another_message_under_its_number_leaves_what_is_in_quarantine_there(
    database: Connection,
) -> None:
    """As a store that was put back from a backup sends it: nothing may be lost of the first."""
    await database.execute("INSERT INTO stores (id) VALUES ('lyon-1')")
    history = History(random.Random(1), "lyon-1")
    history.tell(contract.MemberChanged, member_id="ana")
    torn = contract.Numbered(sequence=1, message=msgspec.Raw(b'{"type":"Weather"}'))
    for message in (torn, numbered(1, history.messages[0])):
        batch = contract.Batch(store_id="lyon-1", messages=[message])
        await ingest(database, "lyon-1", batch)
        assert await waiting_numbers(database) == [1]
    assert await database.fetchval("SELECT count(*) FROM events") == 1


async def waiting_numbers(database: Connection) -> list[int]:
    rows = await database.fetch("SELECT sequence FROM quarantine ORDER BY sequence")
    return [row["sequence"] for row in rows]
