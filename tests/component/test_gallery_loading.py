"""The gallery is loaded from the store piece by piece, and whole."""

from __future__ import annotations

from pathlib import Path

from component.store_values import ANNA, BEN, Clock, a_consent, a_template, enrol
from structlog.testing import capture_logs

from edge.domain import Template
from edge.flows.gallery import STRETCH, stored_templates
from edge.store import Store, Transaction

MANY = STRETCH + 500


async def loaded(store: Store, model: str) -> list[list[Template]]:
    return [part async for part in stored_templates(store, model)]


async def fill(state: Path) -> list[Template]:
    """Two members with many templates of one model; every tenth is of another."""
    annas, bens = a_consent(ANNA), a_consent(BEN)
    await enrol(state, annas, bens)
    templates = [
        a_template((annas, bens)[n % 2], model="w600k" if n % 10 == 0 else "sface")
        for n in range(MANY)
    ]

    def story(transaction: Transaction) -> None:
        for template in templates:
            transaction.templates.add(template)

    async with Store.open(state, Clock()) as store:
        await store.write(story)
    return templates


async def test_every_template_of_the_model_arrives_once_in_small_parts(tmp_path: Path) -> None:
    added = {t.id: t for t in await fill(tmp_path / "state") if t.model == "sface"}
    async with Store.open(tmp_path / "state", Clock()) as store:
        enrolled = await store.read(lambda reader: list(reader.templates.all("sface")))
        parts = await loaded(store, "sface")
    found = [template for part in parts for template in part]
    assert max(map(len, parts)) <= STRETCH
    assert len(parts) > 1
    assert sorted(t.id for t in found) == sorted(t.id for t in enrolled)
    assert {t.id: t for t in found if t.id in added} == added


async def test_loading_tells_how_far_it_is_and_ends_at_all(tmp_path: Path) -> None:
    await fill(tmp_path / "state")
    async with Store.open(tmp_path / "state", Clock()) as store:
        with capture_logs() as lines:
            count = sum(map(len, await loaded(store, "sface")))
    told = [line for line in lines if line["event"] == "gallery_loading"]
    assert [line["percent"] for line in told] == sorted({line["percent"] for line in told})
    assert told[-1]["percent"] == 100
    assert told[-1]["templates"] == count


async def test_template_whose_key_is_gone_is_passed_over_and_the_others_load(
    tmp_path: Path,
) -> None:
    annas, bens = a_consent(ANNA), a_consent(BEN)
    await enrol(tmp_path / "state", annas, bens)
    async with Store.open(tmp_path / "state", Clock()) as store:
        store._keyring.destroy(annas.id)
        parts = await loaded(store, "sface")
    assert {t.member_id for part in parts for t in part} == {BEN.id}


async def test_empty_store_loads_nothing(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "state", Clock()) as store:
        assert await loaded(store, "sface") == []
