"""Who withdrew is gone: from every answer, from the files, and from any database put back."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from component.store_values import START, Clock, a_consent, a_member, a_template, put
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain import AuditEntry, Consent, Template
from edge.errors import Conflict
from edge.rules.rotation import orthogonal
from edge.store import Store, Transaction

ANNA = a_member(id="anna", name="Anna")
BEN = a_member(id="ben", name="Ben")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def enrol(state: Path, *consents: Consent) -> None:
    async with Store.open(state, Clock()) as store:
        await store.write(put(ANNA, BEN))
        for consent in consents:
            await store.write(put(consent, a_template(consent)))


async def withdraw(state: Path, consent: Consent) -> int:
    def story(tx: Transaction) -> int:
        tx.consents.put(replace(consent, withdrawn_at=START))
        return tx.templates.erase(consent.member_id)

    async with Store.open(state, Clock()) as store:
        return await store.write(story)


def put_back(state: Path, copy: Path) -> None:
    for left in state.glob("regulars.db*"):
        left.unlink()
    shutil.copy(copy, state / "regulars.db")


async def gallery(state: Path) -> list[Template]:
    async with Store.open(state, Clock()) as store:
        return await store.read(lambda reader: list(reader.templates.all("sface")))


async def log_of(state: Path, member_id: str) -> list[AuditEntry]:
    async with Store.open(state, Clock()) as store:
        return await store.read(lambda reader: reader.audit.of(member_id, 20))


# --- databases put back ----------------------------------------------------------------


async def test_a_restored_database_brings_nobody_back_who_withdrew(
    state: Path, tmp_path: Path
) -> None:
    annas, bens = a_consent(ANNA), a_consent(BEN)
    await enrol(state, annas, bens)
    shutil.copy(state / "regulars.db", tmp_path / "backup.db")
    assert await withdraw(state, annas) == 1

    put_back(state, tmp_path / "backup.db")

    assert [template.member_id for template in await gallery(state)] == ["ben"]
    async with Store.open(state, Clock()) as store:
        ended = await store.read(lambda reader: reader.consents.get(annas.id))
        assert ended is not None
        assert ended.withdrawn_at == START
        assert await store.read(lambda reader: reader.templates.count_of("anna")) == 0
        assert await store.read(lambda reader: reader.audit.verify()) > 0
    actions = [entry.action for entry in await log_of(state, "anna")]
    assert actions == ["templates_erased", "consent_withdrawn"]


async def test_a_restored_database_brings_no_face_of_an_earlier_consent_back(
    state: Path, tmp_path: Path
) -> None:
    first, second = a_consent(ANNA), a_consent(ANNA)
    await enrol(state, first)
    shutil.copy(state / "regulars.db", tmp_path / "backup.db")
    await withdraw(state, first)
    await enrol(state, second)

    put_back(state, tmp_path / "backup.db")

    assert await gallery(state) == []


async def test_a_database_alone_on_another_machine_holds_no_face(
    state: Path, tmp_path: Path
) -> None:
    await enrol(state, a_consent(ANNA))
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(state / "regulars.db", other / "regulars.db")

    assert await gallery(other) == []
    async with Store.open(other, Clock()) as store:
        assert await store.read(lambda reader: reader.members.get("anna")) == ANNA
        assert await store.read(lambda reader: reader.audit.verify()) > 0


async def test_a_database_older_than_a_consent_asks_the_member_again(
    state: Path, tmp_path: Path
) -> None:
    consent = a_consent(ANNA)
    async with Store.open(state, Clock()) as store:
        await store.write(put(ANNA))
    shutil.copy(state / "regulars.db", tmp_path / "backup.db")
    await enrol(state, consent)
    newer = (state / "regulars.db").read_bytes()

    put_back(state, tmp_path / "backup.db")
    assert await gallery(state) == []

    (tmp_path / "newer.db").write_bytes(newer)
    put_back(state, tmp_path / "newer.db")
    assert await gallery(state) == []


# --- withdrawal ------------------------------------------------------------------------


async def test_erasing_ends_reading_at_once_even_when_the_story_fails(state: Path) -> None:
    consent = a_consent(ANNA)
    await enrol(state, consent)

    def story(tx: Transaction) -> None:
        tx.templates.erase("anna")
        raise InterruptedError

    async with Store.open(state, Clock()) as store:
        with pytest.raises(InterruptedError):
            await store.write(story)
        assert await store.read(lambda reader: reader.templates.of("anna")) == []
        with pytest.raises(Conflict, match="ended"):
            await store.write(put(a_template(consent)))
    assert await gallery(state) == []
    async with Store.open(state, Clock()) as store:
        assert await store.read(lambda reader: reader.consents.active_of("anna")) is None


async def test_no_template_is_kept_without_a_consent_in_force(state: Path) -> None:
    consent = a_consent(ANNA)
    await enrol(state, consent)
    await withdraw(state, consent)
    async with Store.open(state, Clock()) as store:
        with pytest.raises(Conflict, match="consent"):
            await store.write(put(a_template(consent)))


async def test_a_consent_that_was_never_committed_leaves_no_key(state: Path) -> None:
    consent = a_consent(ANNA)

    def story(tx: Transaction) -> None:
        put(ANNA, consent)(tx)
        raise InterruptedError

    async with Store.open(state, Clock()) as store:
        with pytest.raises(InterruptedError):
            await store.write(story)
    await enrol(state, consent)
    assert len(await gallery(state)) == 1


async def test_a_withdrawn_consent_ends_reading_before_its_templates_are_removed(
    state: Path,
) -> None:
    consent = a_consent(ANNA)
    await enrol(state, consent)
    async with Store.open(state, Clock()) as store:
        await store.write(put(replace(consent, withdrawn_at=START)))
        assert await store.read(lambda reader: reader.templates.count_of("anna")) == 1
        assert await store.read(lambda reader: reader.templates.of("anna")) == []


# Moved to another member, and anywhere else that it was not put.
@pytest.mark.parametrize(
    "forged",
    [
        pytest.param("id = 'another'", id="id"),
        pytest.param("member_id = 'ben'", id="member"),
        pytest.param(
            "consent_id = (SELECT id FROM consents WHERE member_id = 'ben')", id="consent"
        ),
        pytest.param("model = 'w600k'", id="model"),
        pytest.param("sealed = zeroblob(540)", id="altered"),
    ],
)
async def test_a_template_moved_to_another_member_opens_for_nobody(
    state: Path, forged: str
) -> None:
    await enrol(state, a_consent(ANNA), a_consent(BEN))
    async with Store.open(state, Clock()) as store:
        # Straight to the table, as someone with the file would do it.
        await store._writer.run(
            lambda connection: connection.database.execute(
                f"UPDATE templates SET {forged} WHERE member_id = 'anna'"
            )
        )
        rest = await store.read(
            lambda reader: [t for model in ("sface", "w600k") for t in reader.templates.all(model)]
        )
    assert [template.member_id for template in rest] == ["ben"]


async def test_members_of_another_model_are_counted(state: Path) -> None:
    await enrol(state, a_consent(ANNA), a_consent(BEN))
    async with Store.open(state, Clock()) as store:
        assert await store.read(lambda reader: reader.templates.members_of_other_models("w")) == 2
        assert await store.read(lambda r: r.templates.members_of_other_models("sface")) == 0
        assert await store.read(lambda reader: list(reader.templates.all("w"))) == []


# --- what lies in the files --------------------------------------------------------------


def needles(vector: bytes, secret: bytes) -> Iterator[bytes]:
    """A vector as stored and as it was before its rotation, in whole and in part."""
    stored = np.frombuffer(vector, "<f4")
    plain = orthogonal(secret, stored.size).T @ stored
    for version in (stored.astype("<f4"), plain.astype("<f4"), stored.astype("<f8")):
        raw = version.tobytes()
        yield from (raw[at : at + 16] for at in range(0, len(raw), 16))


def contents(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def files_hold(folder: Path, needle: bytes) -> bool:
    return needle in contents(folder)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), dim=st.sampled_from([8, 64]), erased=st.booleans())
async def test_no_vector_lies_in_any_file_in_the_clear(seed: int, dim: int, erased: bool) -> None:
    vector = np.random.default_rng(seed).standard_normal(dim).astype("<f4").tobytes()
    consent = a_consent(ANNA)

    with tempfile.TemporaryDirectory() as folder:
        async with Store.open(Path(folder) / "state", Clock()) as store:
            await store.write(put(ANNA, consent, a_template(consent, vector=vector)))
            if erased:
                await store.write(lambda tx: tx.templates.erase("anna"))
            secret = store.rotation_secret()
            while_open = contents(Path(folder))  # with the write-ahead log
        lying_about = while_open + contents(Path(folder))
    wanted = await asyncio.to_thread(lambda: list(needles(vector, secret)))
    assert not [needle for needle in wanted if needle in lying_about]


async def test_the_search_of_the_files_finds_what_is_there(state: Path) -> None:
    await enrol(state, a_consent(ANNA))
    assert files_hold(state, b"sface")
    assert files_hold(state, b"Anna")


async def test_erased_rows_and_destroyed_keys_are_overwritten(state: Path) -> None:
    consent = a_consent(ANNA)
    await enrol(state, consent)
    async with Store.open(state, Clock()) as store:
        sealed = await store._writer.run(
            lambda connection: connection.database.execute(
                "SELECT sealed FROM templates"
            ).fetchone()[0]
        )
    assert files_hold(state, sealed[:32])
    assert files_hold(state / "keys", consent.id.encode())
    await withdraw(state, consent)
    assert not files_hold(state, sealed[:32])
    assert not files_hold(state / "keys", consent.id.encode())
