"""A full disk, a locked database, a failing disk: said in words, nothing half-written, and
over as soon as the trouble is."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from component.store_values import (
    Clock,
    a_consent,
    a_member,
    a_template,
    a_visit,
    opened_message,
    put,
)

from edge.domain import Member
from edge.errors import StoreUnavailable
from edge.store import Store, Transaction

BALLAST = "x" * 200_000


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path / "state", Clock()) as store:
        yield store


def arrive(tx: Transaction, member: Member, place: str = "door") -> None:
    """What every arrival writes: all of it or nothing."""
    visit = a_visit(member, place=place)
    tx.members.put(member)
    tx.visits.put(visit)
    tx.outbox.put(opened_message(visit))
    tx.audit.append(actor="gateway", action="visit_opened", subject=member.id, reason="face")


async def counts(store: Store) -> tuple[int, int, int, int]:
    """Members, open visits, messages and audit entries (the key's own entry aside)."""
    return await store.read(
        lambda reader: (
            reader.members.count(),
            len(reader.visits.all_open()),
            len(reader.outbox.pending(9999)),
            reader.audit.verify() - 1,
        )
    )


async def pragma(store: Store, text: str) -> int:
    return await store._writer.run(
        lambda connection: int((connection.database.execute(f"PRAGMA {text}").fetchone() or [0])[0])
    )


# --- disk full ---------------------------------------------------------------------------


async def test_a_database_that_may_not_grow_refuses_and_recovers(store: Store) -> None:
    await store.write(lambda tx: arrive(tx, a_member()))
    await pragma(store, f"max_page_count = {await pragma(store, 'page_count')}")
    with pytest.raises(StoreUnavailable, match="disk is full; free some space"):
        await store.write(lambda tx: arrive(tx, a_member(), place=BALLAST))
    assert await counts(store) == (1, 1, 1, 1)
    await pragma(store, "max_page_count = 1000000")
    await store.write(lambda tx: arrive(tx, a_member(), place=BALLAST))
    assert await counts(store) == (2, 2, 2, 2)


@pytest.fixture
def small_disk(tmp_path: Path, require: Callable[[bool, str], None]) -> Iterator[Path]:
    """A disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "regulars-test", str(disk)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False).returncode == 0
    require(mounted, "root, to mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def test_a_really_full_disk_refuses_and_recovers(small_disk: Path) -> None:
    async with Store.open(small_disk / "state", Clock()) as store:
        await store.write(lambda tx: arrive(tx, a_member()))
        filler = small_disk / "filler"
        await asyncio.to_thread(fill_up, filler)
        with pytest.raises(StoreUnavailable, match="nothing was saved: the disk is full"):
            await store.write(lambda tx: arrive(tx, a_member(), place=BALLAST))
        assert await counts(store) == (1, 1, 1, 1)
        filler.unlink()
        await store.write(lambda tx: arrive(tx, a_member(), place=BALLAST))
        assert await counts(store) == (2, 2, 2, 2)
    async with Store.open(small_disk / "state", Clock()) as store:
        assert await counts(store) == (2, 2, 2, 2)


async def test_on_a_full_disk_no_consent_begins_without_its_key(small_disk: Path) -> None:
    member = a_member()
    consent = a_consent(member)
    async with Store.open(small_disk / "state", Clock()) as store:
        await store.write(put(member))
        filler = small_disk / "filler"
        await asyncio.to_thread(fill_up, filler)
        with pytest.raises(StoreUnavailable):
            await store.write(put(consent))
        assert await store.read(lambda reader: reader.consents.of(member.id)) == []
        filler.unlink()
        await store.write(put(consent, a_template(consent)))
        assert await store.read(lambda reader: len(reader.templates.of(member.id))) == 1


async def test_a_store_cannot_begin_on_a_full_disk_and_says_so(small_disk: Path) -> None:
    filler = small_disk / "filler"
    await asyncio.to_thread(fill_up, filler)
    with pytest.raises(StoreUnavailable):
        async with Store.open(small_disk / "state", Clock()):
            pass


def fill_up(path: Path) -> None:
    """Write until nothing more goes."""
    with path.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


# --- a failing disk ------------------------------------------------------------------------


@contextmanager
def files_may_not_grow_beyond(size: int) -> Iterator[None]:
    """The kernel refuses longer files in this process (it says EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_disk_that_reports_errors_refuses_and_recovers(store: Store) -> None:
    await store.write(lambda tx: arrive(tx, a_member()))
    with files_may_not_grow_beyond(100_000), pytest.raises(StoreUnavailable, match="the disk"):
        await store.write(lambda tx: arrive(tx, a_member(), place=BALLAST))
    assert await counts(store) == (1, 1, 1, 1)
    await store.write(lambda tx: arrive(tx, a_member(), place=BALLAST))
    assert await counts(store) == (2, 2, 2, 2)


async def test_a_database_that_may_not_be_written_refuses_and_recovers(store: Store) -> None:
    await pragma(store, "query_only = ON")
    with pytest.raises(StoreUnavailable, match="cannot be written; check who owns"):
        await store.write(lambda tx: arrive(tx, a_member()))
    await pragma(store, "query_only = OFF")
    await store.write(lambda tx: arrive(tx, a_member()))
    assert await counts(store) == (1, 1, 1, 1)


async def test_a_story_that_swallows_the_trouble_is_not_committed(store: Store) -> None:
    await pragma(store, f"max_page_count = {await pragma(store, 'page_count')}")

    def story(tx: Transaction) -> None:
        with pytest.raises(StoreUnavailable):
            arrive(tx, a_member(), place=BALLAST)
        tx.members.put(a_member())

    with pytest.raises(StoreUnavailable):
        await store.write(story)
    assert await counts(store) == (0, 0, 0, 0)


# --- a locked database ---------------------------------------------------------------------


async def test_a_locked_database_refuses_and_recovers(store: Store, tmp_path: Path) -> None:
    await store.write(lambda tx: arrive(tx, a_member()))
    other = sqlite3.connect(tmp_path / "state" / "regulars.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="another program holds the database"):
        await store.write(lambda tx: arrive(tx, a_member()))
    assert await counts(store) == (1, 1, 1, 1)  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    await store.write(lambda tx: arrive(tx, a_member()))
    assert await counts(store) == (2, 2, 2, 2)


# --- another process on the same files ----------------------------------------------------


async def test_a_store_that_opens_beside_another_leaves_the_keys_of_its_story_alone(
    store: Store, tmp_path: Path
) -> None:
    member = a_member()
    consent = a_consent(member)
    written, tried = threading.Event(), threading.Event()

    def story(tx: Transaction) -> None:
        put(member, consent)(tx)
        written.set()
        assert tried.wait(30)

    enrolling = asyncio.ensure_future(store.write(story))
    await asyncio.to_thread(written.wait, 30)
    # The key is there and its consent not yet: to set that right would be wrong.
    with pytest.raises(StoreUnavailable, match="another program holds the database"):
        async with Store.open(tmp_path / "state", Clock()):
            pass
    tried.set()
    await enrolling
    async with Store.open(tmp_path / "state", Clock()):
        await store.write(put(a_template(consent)))
    assert len(await store.read(lambda reader: reader.templates.of(member.id))) == 1
