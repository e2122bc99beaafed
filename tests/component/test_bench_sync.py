"""``regulars bench sync`` on little: real servers, a real gateway, and books that are checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from edge.bench.sync import run as bench
from edge.bench.sync.books import Books
from edge.bench.sync.crowd import Sender
from edge.bench.sync.day import Day
from edge.bench.sync.grounds import Grounds, grounds

SIZE = bench.Size(backlog=1200, withdrawals=3, members=1500, stores=4)


async def test_everything_is_measured_and_nothing_is_missing(
    postgres: str, tmp_path: Path, models_dir: Path
) -> None:
    done: list[tuple[str, int, int]] = []
    result = await bench.run(postgres, tmp_path, models_dir, SIZE, lambda *step: done.append(step))
    assert (result["lost"], result["duplicated"], result["out_of_order"]) == (0, 0, 0)
    assert result["postgresql"]["fsync"] == result["postgresql"]["synchronous_commit"] == "on"
    for measured in ("drain_events_per_s", "withdrawal_ms_p95"):
        assert set(result[measured]) == {"https", "nats"}
        assert min(result[measured].values()) > 0
    assert result["resync"]["members"] == 1500
    assert set(result["resync"]["phones_idle"]) == {"reads", "cards"}
    assert result["hq_ingest"]["stores"] == 4
    assert ("Taking in from 4 stores", 4, 4) in done


@pytest.fixture
async def place(postgres: str, tmp_path: Path, models_dir: Path) -> AsyncIterator[Grounds]:
    async with grounds(postgres, tmp_path, models_dir=models_dir, stores=[]) as place:
        yield place


async def test_the_books_notice_what_is_missing_late_or_double(place: Grounds) -> None:
    day = Day("left-out", 400, members=3)
    told = list(day.told())
    await place.admit([day.store_id])
    async with Sender.connected(day.store_id, place.credentials / day.store_id, place.url) as store:
        late, *rest = told[:300]
        for batch in store.packed(rest) + store.packed([late]):
            await store.send(batch)
    async with Books.open(place.headquarters.dsn) as books:
        verdict = await books.judge([day])
        assert (verdict.lost, verdict.duplicated) == (100, 0)
        assert verdict.out_of_order > 0
        connection = await asyncpg.connect(place.headquarters.dsn)
        await connection.execute("INSERT INTO member_history SELECT * FROM member_history LIMIT 1")
        await connection.close()
        assert (await books.judge([day])).duplicated == 1
