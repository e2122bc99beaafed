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

KILLS = 8

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


# Enrols members and withdraws every other one for ever, and names each step once it is done.
ENROLLER = """
import asyncio, sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from edge.domain import Consent, Language, Member, Template, new_id
from edge.store import Store

clock = lambda: datetime.now(UTC)

async def enrol(store, withdraws):
    now = clock()
    member = Member(id=new_id(), name="Anna", joined_at=now, updated_at=now)
    consent = Consent(id=new_id(), member_id=member.id, notice_version="1",
                      language=Language.ENGLISH, given_at=now)
    template = Template(id=new_id(), member_id=member.id, consent_id=consent.id, model="sface",
                        vector=bytes(512), quality=1.0, made_at=now)
    def join(tx):
        tx.members.put(member)
        tx.consents.put(consent)
        tx.templates.add(template)
    def leave(tx):
        tx.templates.erase(member.id)
        tx.consents.put(replace(consent, withdrawn_at=clock()))
    await store.write(join)
    print("joined", member.id, flush=True)
    if withdraws:
        print("leaving", member.id, flush=True)
        await store.write(leave)
        print("left", member.id, flush=True)

async def main():
    async with Store.open(Path(sys.argv[1]), clock) as store:
        withdraws = False
        while True:
            await enrol(store, withdraws)
            withdraws = not withdraws

asyncio.run(main())
"""


async def test_a_killed_gateway_keeps_every_acknowledged_visit_whole(tmp_path: Path) -> None:
    state = tmp_path / "state"
    acknowledged: set[str] = set()
    rng = np.random.default_rng(3)
    for after in rng.integers(1, 60, size=KILLS):
        acknowledged |= await asyncio.to_thread(run_and_kill, WRITER, state, int(after))
        async with Store.open(state, Clock()) as store:
            visits, messages, entries = await store.read(everything)
        assert acknowledged <= visits, "an acknowledged visit is lost"
        assert visits == messages, "a visit and its message came apart"
        assert entries == len(visits) + 1, "a visit and its audit entry came apart"
        assert integrity(state) == "ok"
    assert len(acknowledged) >= KILLS


async def test_a_killed_gateway_forgets_who_withdrew_and_knows_who_did_not(tmp_path: Path) -> None:
    state = tmp_path / "state"
    said: set[str] = set()
    rng = np.random.default_rng(4)
    for after in rng.integers(1, 24, size=KILLS):
        said |= await asyncio.to_thread(run_and_kill, ENROLLER, state, int(after))
        async with Store.open(state, Clock()) as store:
            known, consenting = await store.read(recognisable)
        assert not known & members(said, "left"), "who withdrew is known"
        assert known >= members(said, "joined") - members(said, "leaving"), "a member is lost"
        assert known == consenting, "a consent and its template came apart"


def members(said: set[str], step: str) -> set[str]:
    return {line.split()[1] for line in said if line.startswith(step)}


def run_and_kill(program: str, state: Path, after: int) -> set[str]:
    """Run a program, kill it once it has said ``after`` lines; returns all it said."""
    command = [sys.executable, "-c", program, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        rescue = threading.Timer(60, process.kill)
        rescue.start()
        try:
            said = [process.stdout.readline() for _ in range(after)]
        finally:
            process.send_signal(signal.SIGKILL)
            rescue.cancel()
        # What it managed to say before the signal reached it counts as well; a last line
        # without its end was cut off by the kill.
        said += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return {line.strip() for line in said if line.endswith("\n")}


def recognisable(reader: Reader) -> tuple[set[str], set[str]]:
    """The members who have a template that opens, and those whose consent is in force."""
    known = {template.member_id for template in reader.templates.all("sface")}
    return known, {consent.member_id for consent in reader.consents.all_active()}


def everything(reader: Reader) -> tuple[set[str], set[str], int]:
    visits = {visit.id for visit in reader.visits.all_open()}
    messages = [outgoing.message for outgoing in reader.outbox.pending(100_000)]
    opened = {m.visit_id for m in messages if isinstance(m, contract.VisitOpened)}
    assert len(opened) == len(messages), "a message stands twice"
    return visits, opened, reader.audit.verify()


def integrity(state: Path) -> str:
    database = sqlite3.connect(state / "regulars.db")
    try:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        database.close()
