"""A new rotation secret turns every template, or none, whatever happens on the way."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from component.store_values import Clock, a_consent, a_member, a_template, a_vector
from numpy.typing import NDArray

from edge.rules.rotation import orthogonal
from edge.store import Store, Transaction
from edge.store.keyring import NEXT_ROTATION, ROTATION

DIMS = {"small": 16, "sface": 64}
MEMBERS = [a_member(id=f"m{n}") for n in range(6)]


def embedding(seed: int, model: str) -> NDArray[np.float32]:
    """What the camera's model would say before any rotation."""
    return np.frombuffer(a_vector(seed, DIMS[model]), "<f4")


def fill(tx: Transaction, secret: bytes) -> None:
    matrices = {dim: orthogonal(secret, dim) for dim in DIMS.values()}
    for seed, member in enumerate(MEMBERS):
        consent = a_consent(member)
        tx.members.put(member)
        tx.consents.put(consent)
        for model, dim in DIMS.items():
            vector = (matrices[dim] @ embedding(seed, model)).astype("<f4").tobytes()
            tx.templates.add(a_template(consent, model=model, vector=vector))


async def likeness(store: Store) -> list[float]:
    """How near each stored template is to its embedding under the secret in force."""
    found = []
    for model, dim in DIMS.items():
        matrix = await asyncio.to_thread(orthogonal, store.rotation_secret(), dim)
        for template in await store.read(lambda reader, m=model: list(reader.templates.all(m))):
            fresh = matrix @ embedding(int(template.member_id[1:]), model)
            found.append(float(np.frombuffer(template.vector, "<f4") @ fresh))
    return found


@pytest.fixture
async def state(tmp_path: Path) -> Path:
    state = tmp_path / "state"
    async with Store.open(state, Clock()) as store:
        secret = store.rotation_secret()
        await store.write(lambda tx: fill(tx, secret))
    return state


async def test_after_renewal_templates_fit_the_new_secret_and_not_the_old(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        old = store.rotation_secret()
        before = await store.read(lambda reader: list(reader.templates.all("sface")))
        assert await store.renew_rotation() == 12
        assert store.rotation_secret() != old
        assert await likeness(store) == pytest.approx([1.0] * 12, abs=1e-5)
        after = await store.read(lambda reader: list(reader.templates.all("sface")))
        pairs = zip(before, after, strict=True)
        alike = [np.frombuffer(b.vector, "<f4") @ np.frombuffer(a.vector, "<f4") for b, a in pairs]
        assert max(alike) < 0.6


async def test_many_renewals_do_not_wear_templates_out(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        for _ in range(8):
            await store.renew_rotation()
        assert await likeness(store) == pytest.approx([1.0] * 12, abs=1e-5)


async def test_a_renewal_without_templates_still_renews(tmp_path: Path) -> None:
    async with Store.open(tmp_path / "empty", Clock()) as store:
        old = store.rotation_secret()
        assert await store.renew_rotation() == 0
        assert store.rotation_secret() != old


async def test_a_backup_from_before_the_renewal_recognises_nobody(
    state: Path, tmp_path: Path
) -> None:
    shutil.copy(state / "regulars.db", tmp_path / "backup.db")
    async with Store.open(state, Clock()) as store:
        await store.renew_rotation()
    shutil.copy(tmp_path / "backup.db", state / "regulars.db")
    async with Store.open(state, Clock()) as store:
        assert await likeness(store) == []


async def test_a_secret_whose_templates_were_not_turned_is_dropped(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        store._keyring.keep_secret(NEXT_ROTATION, os.urandom(32))
    async with Store.open(state, Clock()) as store:
        assert await likeness(store) == pytest.approx([1.0] * 12, abs=1e-5)


async def test_a_secret_whose_templates_were_turned_takes_its_place(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        old = store.rotation_secret()
        await store.renew_rotation()
        # As it stands after the templates' commit, before the new secret takes its place.
        store._keyring.keep_secret(NEXT_ROTATION, store.rotation_secret())
        store._keyring.keep_secret(ROTATION, old)
    async with Store.open(state, Clock()) as store:
        assert await likeness(store) == pytest.approx([1.0] * 12, abs=1e-5)


RENEW_FOR_EVER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from edge.store import Store

async def main():
    async with Store.open(Path(sys.argv[1]), lambda: datetime.now(UTC)) as store:
        while True:
            await store.renew_rotation()
            print("renewed", flush=True)

asyncio.run(main())
"""


async def test_a_gateway_killed_while_renewing_still_knows_everyone(state: Path) -> None:
    rng = np.random.default_rng(7)
    for after_s in rng.uniform(0, 0.2, size=5):
        await asyncio.to_thread(kill_while_renewing, state, float(after_s))
        async with Store.open(state, Clock()) as store:
            assert await likeness(store) == pytest.approx([1.0] * 12, abs=1e-5)


def kill_while_renewing(state: Path, after_s: float) -> None:
    command = [sys.executable, "-c", RENEW_FOR_EVER, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "renewed\n"
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        assert process.wait(60) == -signal.SIGKILL
