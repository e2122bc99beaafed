"""What lies in the store's files, for whoever has them without the keys: no face in the clear,
and of the erased nothing at all."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from component.store_values import (
    ANNA,
    Clock,
    a_consent,
    a_template,
    enrol,
    put,
    withdraw,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.rotation import orthogonal
from edge.store import Store


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


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
