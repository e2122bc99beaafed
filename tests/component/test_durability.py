"""A gateway killed in mid-write has lost nothing that it acknowledged, and nothing is in halves."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
from component.store_values import Clock

from edge import contract
from edge.store import Reader, Store

KILLS = 12

# Writes visits with their messages for ever, and names each one once it is acknowledged.
WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from edge import contract
from edge.domain import ArrivedBy, Claim, Member, Visit, new_id
from edge.store import Store

clock = lambda: datetime.now(UTC)

async def arrive(store):
    now = clock()
    member = Member(id=new_id(), name="Anna", joined_at=now, updated_at=now)
    visit = Visit(id=new_id(), member_id=member.id, arrived_by=ArrivedBy.FACE,
                  claim=Claim.POSSIBLE, place="door" * 50, opened_at=now, last_seen_at=now)
    opened = contract.VisitOpened(message_id=new_id(), store_id="s", at=now, visit_id=visit.id,
                                  member_id=member.id, arrived_by=visit.arrived_by)
    def story(tx):
        tx.members.put(member)
        tx.visits.put(visit)
        tx.outbox.put(opened)
        tx.audit.append(actor="gateway", action="opened", subject=member.id, reason="face")
    await store.write(story)
    print(visit.id, flush=True)

async def main():
    async with Store.open(Path(sys.argv[1]), clock) as store:
        while True:
            await asyncio.gather(*[arrive(store) for _ in range(4)])

asyncio.run(main())
"""


async def test_a_killed_gateway_keeps_every_acknowledged_visit_whole(tmp_path: Path) -> None:
    state = tmp_path / "state"
    acknowledged: set[str] = set()
    rng = np.random.default_rng(3)
    for after in rng.integers(1, 60, size=KILLS):
        acknowledged |= await asyncio.to_thread(write_and_be_killed, state, int(after))
        async with Store.open(state, Clock()) as store:
            visits, messages, entries = await store.read(everything)
        assert acknowledged <= visits, "an acknowledged visit is lost"
        assert visits == messages, "a visit and its message came apart"
        assert entries == len(visits) + 1, "a visit and its audit entry came apart"
        assert quick_check(state) == "ok"
    assert len(acknowledged) >= KILLS


def write_and_be_killed(state: Path, after: int) -> set[str]:
    """Run the writer and kill it once ``after`` visits are acknowledged; returns those."""
    command = [sys.executable, "-c", WRITER, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        rescue = threading.Timer(60, process.kill)
        rescue.start()
        try:
            named = [process.stdout.readline() for _ in range(after)]
        finally:
            process.send_signal(signal.SIGKILL)
            rescue.cancel()
        # What it managed to say before the signal reached it counts as well; a last line
        # without its end was cut off by the kill.
        named += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return {line.strip() for line in named if line.endswith("\n")}


def everything(reader: Reader) -> tuple[set[str], set[str], int]:
    visits = {visit.id for visit in reader.visits.all_open()}
    messages = [outgoing.message for outgoing in reader.outbox.pending(100_000)]
    opened = {m.visit_id for m in messages if isinstance(m, contract.VisitOpened)}
    assert len(opened) == len(messages), "a message stands twice"
    return visits, opened, reader.audit.verify()


def quick_check(state: Path) -> str:
    database = sqlite3.connect(state / "regulars.db")
    try:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        database.close()
