"""Visits of years: who is in the store now is found without looking at those who left."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.domain import ArrivedBy, Claim, Member, Visit
from edge.store import Store, Transaction, snapshot
from edge.store.connection import open_reader
from edge.store.visits import Visits

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
STEPS = 100
MEMBER = Member(id="m", name="Ana", joined_at=NOW, updated_at=NOW)
VISIT = Visit(
    id="open",
    member_id="m",
    arrived_by=ArrivedBy.GUIDE,
    claim=Claim.CONFIRMED,
    place="door",
    opened_at=NOW,
    last_seen_at=NOW,
)


def fill(tx: Transaction) -> None:
    tx.members.put(MEMBER)
    tx.visits.put(VISIT)
    for number in range(2000):
        came_at = NOW - timedelta(days=1 + number)
        left = replace(VISIT, id=f"v{number}", opened_at=came_at, closed_at=came_at)
        tx.visits.put(left)


async def test_those_who_left_are_not_looked_through_for_those_who_are_here(tmp_path: Path) -> None:
    async with Store.open(tmp_path, lambda: NOW) as store:
        await store.write(fill)
    connection = open_reader(tmp_path / snapshot.DATA)
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += STEPS

    connection.database.conn.set_progress_handler(count, STEPS)
    with connection.transaction("DEFERRED"):
        found = Visits(connection).all_open()
    connection.close()
    assert [visit.id for visit in found] == ["open"]
    assert steps < 1000, "SQLite's own steps, which do not grow with the visits that ended"
