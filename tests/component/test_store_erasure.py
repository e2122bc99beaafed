"""Who withdrew is gone: from every answer, and from any database that is put back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from component.store_values import (
    ANNA,
    BEN,
    START,
    Clock,
    a_consent,
    a_template,
    enrol,
    put,
    withdraw,
)

from edge.domain import AuditEntry, Template
from edge.errors import Conflict
from edge.rules.guard import guard_alone, guard_pair
from edge.store import Store, Transaction


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


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


async def test_a_restored_database_brings_no_guard_back_on_who_withdrew(
    state: Path, tmp_path: Path
) -> None:
    annas, bens = a_consent(ANNA), a_consent(BEN)
    await enrol(state, annas, bens)
    pair = guard_pair("anna", "ben", by="Mei", now=START)
    alone = guard_alone("ben", by="Mei", now=START)
    async with Store.open(state, Clock()) as store:
        await store.write(lambda tx: [tx.guards.put(guard) for guard in (pair, alone)])
    shutil.copy(state / "regulars.db", tmp_path / "backup.db")
    await withdraw(state, annas)

    put_back(state, tmp_path / "backup.db")

    async with Store.open(state, Clock()) as store:
        assert await store.read(lambda reader: reader.guards.all()) == [alone]


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
