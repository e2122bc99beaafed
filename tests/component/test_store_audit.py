"""The audit log only grows, and whoever alters it is found out."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest
from component.store_values import Clock, a_member

from edge.errors import AuditBroken
from edge.store import Store, Transaction

ENTRIES = 5


@pytest.fixture
async def state(tmp_path: Path) -> Path:
    """A store whose log holds the key's entry and five views."""
    state = tmp_path / "state"
    await look(state)
    return state


async def look(state: Path, times: int = ENTRIES) -> None:
    def story(tx: Transaction, number: int) -> None:
        tx.audit.append(actor="guide-1", action="card_viewed", subject="anna", reason=f"v{number}")

    async with Store.open(state, Clock()) as store:
        for number in range(times):
            await store.write(lambda tx, number=number: story(tx, number))


async def verify(state: Path) -> int:
    async with Store.open(state, Clock()) as store:
        return await store.read(lambda reader: reader.audit.verify())


def tamper(state: Path, *statements: str) -> None:
    """What someone does who has the file: triggers are no obstacle to them. Waits for the disk."""
    database = sqlite3.connect(state / "regulars.db")
    database.execute("DROP TRIGGER audit_refuses_update")
    database.execute("DROP TRIGGER audit_refuses_delete")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


async def test_an_untouched_log_is_good_over_restarts(state: Path) -> None:
    assert await verify(state) == 1 + ENTRIES
    await look(state)
    assert await verify(state) == 1 + 2 * ENTRIES
    async with Store.open(state, Clock()) as store:
        assert await store.read(lambda reader: reader.audit.gaps()) == []


async def test_entries_are_read_newest_first(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        of_anna = await store.read(lambda reader: reader.audit.of("anna", 2))
        assert [entry.reason for entry in of_anna] == ["v4", "v3"]
        assert await store.read(lambda reader: reader.audit.tail(2)) == of_anna
        assert await store.read(lambda reader: reader.audit.of("ben", 2)) == []


@pytest.mark.parametrize("verb", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit"])
async def test_the_store_itself_can_neither_change_nor_delete(state: Path, verb: str) -> None:
    async with Store.open(state, Clock()) as store:
        with pytest.raises(sqlite3.IntegrityError, match="only grows"):
            await store._writer.run(lambda connection: connection.database.execute(verb))
        assert await store.read(lambda reader: reader.audit.verify()) == 1 + ENTRIES


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(["UPDATE audit SET reason = 'none' WHERE sequence = 3"], id="edited"),
        pytest.param(["UPDATE audit SET actor = 'guide-2' WHERE sequence = 6"], id="edited-last"),
        pytest.param(["UPDATE audit SET signature = '' WHERE sequence = 3"], id="unsigned"),
        pytest.param(["DELETE FROM audit WHERE sequence = 3"], id="deleted"),
        pytest.param(["DELETE FROM audit WHERE sequence = 1"], id="deleted-first"),
        pytest.param(
            [
                "UPDATE audit SET sequence = 99 WHERE sequence = 3",
                "UPDATE audit SET sequence = 3 WHERE sequence = 4",
                "UPDATE audit SET sequence = 4 WHERE sequence = 99",
            ],
            id="reordered",
        ),
        pytest.param(
            [
                "DELETE FROM audit WHERE sequence = 3",
                "UPDATE audit SET sequence = sequence - 1 WHERE sequence > 3",
            ],
            id="closed-up",
        ),
    ],
)
async def test_an_altered_log_is_found_out(state: Path, statements: list[str]) -> None:
    await asyncio.to_thread(tamper, state, *statements)
    with pytest.raises(AuditBroken, match="altered"):
        await verify(state)


async def test_a_log_cut_short_while_running_is_found_out(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        await store._writer.run(lambda _: tamper(state, "DELETE FROM audit WHERE sequence > 4"))
        with pytest.raises(AuditBroken, match="newest entries"):
            await store.read(lambda reader: reader.audit.verify())


async def test_a_log_cut_short_while_stopped_says_so_itself_from_then_on(state: Path) -> None:
    await asyncio.to_thread(tamper, state, "DELETE FROM audit WHERE sequence > 4")
    async with Store.open(state, Clock()) as store:
        (newest,) = await store.read(lambda reader: reader.audit.tail(1))
        assert await store.read(lambda reader: reader.audit.gaps()) == [newest]
        assert "entry 6" in newest.reason
        assert await store.read(lambda reader: reader.audit.verify()) == 5


async def test_an_emptied_log_says_so_itself(state: Path) -> None:
    await asyncio.to_thread(tamper, state, "DELETE FROM audit")
    async with Store.open(state, Clock()) as store:
        actions = [e.action for e in await store.read(lambda reader: reader.audit.tail(9))]
        assert actions == ["log_replaced", "signing_key"]


async def test_a_log_signed_by_another_gateway_is_found_out(state: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    await look(other)
    shutil.copy(other / "regulars.db", state / "regulars.db")
    async with Store.open(state, Clock()) as store:
        log = await store.read(lambda reader: reader.audit.tail(20))
    # Not silently: the key changes hands in the log, and what was there is missed.
    assert [entry.action for entry in log[:2]] == ["log_replaced", "signing_key"]


async def test_an_entry_of_a_failed_story_is_not_in_the_log(state: Path) -> None:
    def story(tx: Transaction) -> None:
        tx.audit.append(actor="guide-1", action="card_viewed", subject="anna", reason="failed")
        raise InterruptedError

    async with Store.open(state, Clock()) as store:
        with pytest.raises(InterruptedError):
            await store.write(story)
        await store.write(lambda tx: tx.members.put(a_member()))
        assert await store.read(lambda reader: reader.audit.verify()) == 1 + ENTRIES


async def test_the_log_is_checked_while_it_grows(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        for number in range(40):
            checking = store.read(lambda reader: (reader.members.count(), reader.audit.verify())[1])
            writing = store.write(
                lambda tx: tx.audit.append(actor="g", action="a", subject="s", reason="r")
            )
            await writing
            assert await checking == 2 + ENTRIES + number
