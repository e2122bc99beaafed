"""Copies of a shop's data by the real restic: whole, apart from every key of a face, put back."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, open_shop

from edge.config import BackupConfig
from edge.errors import BackupFailed
from edge.flows import backups
from edge.store import snapshot
from edge.store.keyring import open_keyring

CONFIG = """
[store]
id = "shop"
name = "Corner Shop"
state_dir = "{state}"
[backup]
to = "{to}"
"""


@pytest.fixture(autouse=True)
def restic(require: Callable[[bool, str], None]) -> None:
    require(shutil.which("restic") is not None, "Debian's restic package")


@pytest.fixture
def config(tmp_path: Path) -> BackupConfig:
    return BackupConfig(to=str(tmp_path / "copies"), password_file=str(tmp_path / "password"))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def password_of(config: BackupConfig) -> str:
    return Path(str(config.password_file)).read_text().strip()


def change_password(config: BackupConfig) -> None:
    Path(str(config.password_file)).write_text("another\n")


def drafts(state: Path) -> list[Path]:
    return list(state.glob("backup-*/"))


def nothing(what: str, count: int, total: int) -> None:
    """Nobody watches."""


async def test_what_was_copied_comes_back(state: Path, config: BackupConfig) -> None:
    async with open_shop(state) as shop:
        member = await shop.member("Ana")
        made = await asyncio.to_thread(backups.make, config, state, nothing)
        await shop.member("came later")
    assert made.password == password_of(config)
    assert (await asyncio.to_thread(backups.verify, config, state)).members == 1
    found = await asyncio.to_thread(backups.restore, config, state, made.added.id[:8])
    assert found.members == 1
    async with open_shop(state) as shop:
        kept = await shop.store.read(lambda reader: reader.members.get(member.id))
        assert kept is not None
        assert kept.name == "Ana"
    assert snapshot.sound(state / "regulars.db.before") == 2


async def test_nobody_who_withdrew_comes_back(state: Path, config: BackupConfig) -> None:
    async with open_shop(state) as shop:
        member, consent = await shop.enrolled("Ana")
        other, _ = await shop.enrolled("Bo")
        await asyncio.to_thread(backups.make, config, state, nothing)
        await shop.enrollment.withdraw(GUIDE, consent.id)
    await asyncio.to_thread(backups.restore, config, state, None)
    async with open_shop(state) as shop:
        assert await shop.store.read(lambda reader: reader.templates.count_of(member.id)) == 0
        assert await shop.store.read(lambda reader: reader.templates.count_of(other.id)) == 1
        assert await shop.store.read(lambda reader: reader.consents.active_of(member.id)) is None


async def test_a_copy_holds_no_key_of_a_face(
    state: Path, config: BackupConfig, tmp_path: Path
) -> None:
    async with open_shop(state) as shop:
        await shop.enrolled("Ana")
        await asyncio.to_thread(backups.make, config, state, nothing)
        rotation = shop.store.rotation_secret()
    kept = backups.repository(config, state)
    newest = (await asyncio.to_thread(kept.kept))[-1]
    await asyncio.to_thread(kept.put_back, newest.id, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert "keyring.db" not in names
    assert "gateway.key" not in names
    keyring = open_keyring(state / "keys")
    try:
        (ids,) = [sorted(keyring.consent_ids())]
        assert len(ids) == 1
        held = json.loads((tmp_path / "out" / snapshot.SECRETS).read_text())
        assert set(held) == set(keyring.names()) - snapshot.OF_FACES
    finally:
        keyring.close()
    whole = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert rotation not in whole


async def test_a_machine_that_was_opened_once_and_never_used_takes_the_secrets_of_the_copy(
    state: Path, config: BackupConfig, tmp_path: Path
) -> None:
    """The installer starts the gateway, which makes keys of its own, before anybody restores."""
    async with open_shop(state) as shop:
        await shop.member("Ana")
        shop.store.keep_pair("authority", b"key and certificate")
        await asyncio.to_thread(backups.make, config, state, nothing)
        signed = shop.store.public_key()
    new = tmp_path / "new machine"
    async with open_shop(new) as shop:
        assert shop.store.public_key() != signed
        shop.store.keep_pair("authority", b"another")
    await asyncio.to_thread(backups.restore, config, new, None)
    async with open_shop(new) as shop:
        assert shop.store.public_key() == signed
        assert shop.store.pair("authority") == b"key and certificate"


async def test_on_a_new_machine_codes_hold_and_every_face_is_gone(
    state: Path, config: BackupConfig, tmp_path: Path
) -> None:
    async with open_shop(state) as shop:
        member, _ = await shop.enrolled("Ana")
        await asyncio.to_thread(backups.make, config, state, nothing)
        signed = shop.store.public_key()
        digits = await shop.store.read(lambda reader: reader.code_keys.digits())
    new = tmp_path / "new machine"
    await asyncio.to_thread(backups.restore, config, new, None)
    async with open_shop(new) as shop:
        assert shop.store.public_key() == signed
        assert await shop.store.read(lambda reader: reader.code_keys.digits()) == digits
        assert await shop.store.read(lambda reader: reader.members.get(member.id)) is not None
        assert await shop.store.read(lambda reader: reader.templates.count_of(member.id)) == 0
        assert await shop.store.read(lambda reader: reader.audit.verify()) > 0


async def test_a_second_copy_carries_only_what_changed(state: Path, config: BackupConfig) -> None:
    async with open_shop(state) as shop:
        for number in range(300):
            await shop.member(f"Member {number}")
        first = await asyncio.to_thread(backups.make, config, state, nothing)
        second = await asyncio.to_thread(backups.make, config, state, nothing)
    assert second.password is None
    assert second.added.size_bytes >= first.added.size_bytes * 0.9
    assert second.added.added_bytes < first.added.added_bytes / 4


async def test_a_byte_that_changed_in_a_copy_is_found(state: Path, config: BackupConfig) -> None:
    async with open_shop(state):
        await asyncio.to_thread(backups.make, config, state, nothing)
    pack = max((Path(str(config.to)) / "data").rglob("*"), key=lambda p: p.stat().st_size)
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.chmod(0o600)
    pack.write_bytes(data)
    with pytest.raises(BackupFailed):
        await asyncio.to_thread(backups.verify, config, state)


async def test_a_copy_that_cannot_be_had_leaves_the_data_as_they_are(
    state: Path, config: BackupConfig
) -> None:
    async with open_shop(state):
        await asyncio.to_thread(backups.make, config, state, nothing)
    before = (state / "regulars.db").read_bytes()
    with pytest.raises(BackupFailed, match="names no copy"):
        await asyncio.to_thread(backups.restore, config, state, "ffffffff")
    change_password(config)
    with pytest.raises(BackupFailed, match="made with another password"):
        await asyncio.to_thread(backups.restore, config, state, None)
    assert (state / "regulars.db").read_bytes() == before
    assert drafts(state) == []


def test_killed_while_it_copies_it_leaves_nothing_that_the_next_one_does_not_clear(
    tmp_path: Path, state: Path
) -> None:
    config = tmp_path / "regulars.toml"
    config.write_text(CONFIG.format(state=state, to=tmp_path / "copies"))
    assert regulars("pair", config).returncode == 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-m", "edge", "backup", "--config", config],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while process.poll() is None and not list(state.glob("backup-*/regulars.db")):
            pass
        # As a power cut does: restic, should it run already, does not outlive it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    ended = regulars("backup", config)
    assert ended.returncode == 0, ended.stderr
    assert not list(state.glob("backup-*/"))
    assert regulars("verify", config).returncode == 0


def test_restoring_under_a_running_gateway_is_refused(tmp_path: Path, state: Path) -> None:
    from edge.app import sole_use

    config = tmp_path / "regulars.toml"
    config.write_text(CONFIG.format(state=state, to=tmp_path / "copies"))
    with sole_use(state):
        ended = regulars("restore", config)
    assert ended.returncode == 2
    assert "another gateway is running" in ended.stderr


def regulars(command: str, config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", command, "--config", config],
        capture_output=True,
        text=True,
        check=False,
    )
