"""Stories that are in line together share a commit, and nothing else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from component.store_values import Clock, a_member, put

from edge.domain import Member
from edge.errors import StoreUnavailable
from edge.store import Store, Transaction
from edge.store.connection import Connection

BALLAST = "x" * 400_000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path / "state", Clock()) as store:
        yield store


async def in_one_line(store: Store, *waiting: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Put all of these in line while a job holds the writer; returns how each ended."""
    door = threading.Event()
    holding = asyncio.ensure_future(store._writer.run(lambda _: door.wait(30)))
    await asyncio.sleep(0)
    line = [asyncio.ensure_future(wait()) for wait in waiting]
    await asyncio.sleep(0)
    door.set()
    await holding
    return await asyncio.gather(*line, return_exceptions=True)


def writing(store: Store, *members: Member) -> list[Callable[[], Awaitable[None]]]:
    return [lambda member=member: store.write(put(member)) for member in members]


def failing(store: Store, member: Member) -> Callable[[], Awaitable[None]]:
    def story(tx: Transaction) -> None:
        tx.members.put(member)
        tx.audit.append(actor="a", action="b", subject=member.id, reason="c")
        raise KeyError(member.id)

    return lambda: store.write(story)


def statements(store: Store) -> Callable[[Connection], list[str]]:
    """Have the writer's connection tell each statement from now on."""

    def listen(connection: Connection) -> list[str]:
        said: list[str] = []
        connection.database.conn.set_trace_callback(said.append)
        return said

    return listen


async def test_a_line_of_stories_is_made_durable_with_one_commit(store: Store) -> None:
    said = await store._writer.run(statements(store))
    members = [a_member() for _ in range(30)]
    await in_one_line(store, *writing(store, *members))
    assert said.count("COMMIT") == 1
    assert await store.read(lambda reader: reader.members.count()) == 30


async def test_a_story_that_raises_is_undone_alone(store: Store) -> None:
    before, lost, after = a_member(), a_member(), a_member()
    ended = await in_one_line(
        store, *writing(store, before), failing(store, lost), *writing(store, after)
    )
    assert [type(result) for result in ended] == [type(None), KeyError, type(None)]
    for member in (before, after):
        assert await store.read(lambda r, m=member: r.members.get(m.id)) == member
    assert await store.read(lambda reader: reader.members.get(lost.id)) is None
    assert await store.read(lambda reader: reader.audit.verify()) == 1


async def test_when_the_disk_is_full_nobody_of_the_commit_is_told_otherwise(store: Store) -> None:
    def fill(connection: Connection) -> None:
        (pages,) = connection.database.execute("PRAGMA page_count").fetchone()
        connection.database.execute(f"PRAGMA max_page_count = {pages}")

    await store._writer.run(fill)
    members = [a_member(name=BALLAST) for _ in range(3)]
    ended = await in_one_line(store, *writing(store, *members))
    assert all(isinstance(result, StoreUnavailable) for result in ended)
    assert await store.read(lambda reader: reader.members.count()) == 0
    await store._writer.run(
        lambda connection: connection.database.execute("PRAGMA max_page_count = 1000000")
    )
    await store.write(put(members[0]))


async def test_a_commit_that_fails_fails_each_of_its_stories(store: Store) -> None:
    """The disk ends the transaction behind the stories' backs, before their commit."""

    def lose(connection: Connection) -> None:
        connection.database.rollback()

    async def losing() -> None:
        await store._writer._workers.run(lose)

    members = [a_member() for _ in range(2)]
    ended = await in_one_line(store, *writing(store, *members), losing)
    assert [type(result) for result in ended] == [StoreUnavailable, StoreUnavailable, type(None)]
    assert await store.read(lambda reader: reader.members.count()) == 0
    await store.write(put(members[0]))


async def test_whoever_gives_up_waiting_takes_no_other_along(store: Store) -> None:
    door, told = threading.Event(), threading.Event()
    given_up, other = a_member(), a_member()

    def slow(tx: Transaction) -> None:
        tx.members.put(other)
        told.set()
        door.wait(30)

    first = asyncio.ensure_future(store.write(put(given_up)))
    second = asyncio.ensure_future(store.write(slow))
    await asyncio.to_thread(told.wait, 30)
    await asyncio.sleep(0)
    first.cancel()
    door.set()
    await second
    assert await store.read(lambda reader: reader.members.get(other.id)) == other


async def test_a_job_of_its_own_finds_the_stories_before_it_committed(store: Store) -> None:
    member = a_member()

    async def alone() -> bool:
        return await store._writer.run(lambda connection: connection.database.conn.in_transaction)

    ended = await in_one_line(store, *writing(store, member), alone, *writing(store, a_member()))
    assert ended == [None, False, None]
    assert await store.read(lambda reader: reader.members.count()) == 2


async def test_a_gallery_is_rotated_between_stories_in_line(store: Store) -> None:
    ended = await in_one_line(
        store, *writing(store, a_member()), store.renew_rotation, *writing(store, a_member())
    )
    assert ended == [None, 0, None]
    assert await store.read(lambda reader: reader.members.count()) == 2
