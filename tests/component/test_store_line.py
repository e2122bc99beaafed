"""The line before the writer, its end, and the one moment that a question sees."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from component.store_values import Clock, a_member, put

from edge.errors import StoreUnavailable
from edge.store import Reader, Store
from edge.store.store import WRITES_IN_LINE


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path / "state", Clock()) as store:
        yield store


async def count(store: Store) -> int:
    return await store.read(lambda reader: reader.members.count())


# --- the line ------------------------------------------------------------------------------


async def test_who_comes_when_the_line_is_full_is_refused_and_the_others_served(
    store: Store,
) -> None:
    door = threading.Event()
    first = asyncio.ensure_future(store.write(lambda _: door.wait(30)))
    line = [asyncio.ensure_future(store.write(put(a_member()))) for _ in range(WRITES_IN_LINE - 1)]
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="too busy"):
        await store.write(put(a_member()))
    door.set()
    await asyncio.gather(first, *line)
    assert await count(store) == WRITES_IN_LINE - 1
    await store.write(put(a_member()))


async def test_a_cancelled_write_in_line_is_not_written(store: Store) -> None:
    door = threading.Event()
    first = asyncio.ensure_future(store.write(lambda _: door.wait(30)))
    waiting = asyncio.ensure_future(store.write(put(a_member())))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    door.set()
    await first
    assert await count(store) == 0


async def test_closing_serves_the_line_and_then_refuses(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with Store.open(state, Clock()) as store:
        line = [asyncio.ensure_future(store.write(put(a_member()))) for _ in range(20)]
        await asyncio.sleep(0)
    await asyncio.gather(*line)
    with pytest.raises(StoreUnavailable, match="stopping"):
        await store.write(put(a_member()))
    assert {path.name for path in state.iterdir()} == {"regulars.db", "keys"}
    async with Store.open(state, Clock()) as store:
        assert await count(store) == 20


# --- a snapshot ----------------------------------------------------------------------------


async def test_a_question_sees_one_moment_while_others_write(store: Store) -> None:
    asked, written = threading.Event(), threading.Event()

    def question(reader: Reader) -> tuple[int, int]:
        before = reader.members.count()
        asked.set()
        assert written.wait(30)
        return before, reader.members.count()

    asking = asyncio.ensure_future(store.read(question))
    await asyncio.to_thread(asked.wait, 30)
    await store.write(put(a_member()))
    written.set()
    assert await asking == (0, 0)
    assert await count(store) == 1
