"""The gateway's key, sealed by the real systemd-creds: with a host's key, and with a TPM.

Two machines are two secrets of systemd's host key; the TPM is swtpm's, which speaks TPM 2.0.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from component.flows_shop import GUIDE, open_shop

from edge.domain.keys import Sealing
from edge.errors import BadRequest, ConfigError, Conflict
from edge.flows import keys
from edge.store import recovery
from edge.store.key_files import WIPED, KeyFiles
from edge.store.keyring import open_keyring
from edge.store.sealing import NAME, SEALED, Machine, kind_of, sealing_of

NOW = datetime(2026, 11, 28, tzinfo=UTC)
MACHINE = Machine()


@pytest.fixture(autouse=True)
def creds(require: Callable[[bool, str], None]) -> None:
    require(shutil.which("systemd-creds") is not None, "systemd-creds, of Debian's systemd package")


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Go to a machine, by its name: each has a host key of its own."""

    def go(machine: str) -> None:
        monkeypatch.setenv("SYSTEMD_CREDENTIAL_SECRET", str(tmp_path / f"host-key-of-{machine}"))

    return go


@pytest.fixture
def state(tmp_path: Path, at: Callable[[str], None]) -> Path:
    at("old")
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path / "state"


@pytest.fixture
def files(state: Path) -> KeyFiles:
    return KeyFiles(state)


@pytest.fixture
def hand_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[KeyFiles], None]:
    """Give the key to this process as the service manager does."""

    def give(files: KeyFiles) -> None:
        folder = tmp_path / "credentials"
        folder.mkdir(exist_ok=True)
        (folder / NAME).write_bytes(MACHINE.unseal((files.folder / SEALED).read_bytes()))
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))

    return give


@pytest.fixture
def tpm(tmp_path: Path, require: Callable[[bool, str], None]) -> Iterator[Machine]:
    """A machine with a TPM: every command and answer is TPM 2.0's."""
    require(shutil.which("swtpm") is not None, "Debian's swtpm package")
    require(
        bool(list(Path("/usr/lib").rglob("libtss2-esys.so.0"))), "Debian's libtss2-esys-3.0.2-0"
    )
    place = tmp_path / "tpm"
    place.mkdir()
    child = subprocess.Popen(
        [
            *("swtpm", "socket", "--tpm2", "--tpmstate", f"dir={place}"),
            *("--server", f"type=unixio,path={place}/socket"),
            *("--ctrl", f"type=unixio,path={place}/socket.ctrl"),
            *("--flags", "not-need-init,startup-clear"),
        ]
    )
    try:
        while not listens(place / "socket"):
            assert child.poll() is None, "swtpm does not start"
            time.sleep(0.01)
        yield Machine(tpm=f"swtpm:path={place}/socket")
    finally:
        child.terminate()
        child.wait()


def listens(path: Path) -> bool:
    """Whether who made a socket takes connections at it already."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def holds(folder: Path, secret: bytes) -> bool:
    return any(secret in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def names(files: KeyFiles) -> set[str]:
    return {path.name for path in files.folder.iterdir()}


def test_a_first_key_is_sealed_before_it_is_written(files: KeyFiles) -> None:
    made = keys.seal(files, MACHINE)
    assert made.sealing is Sealing.HOST
    assert names(files) == {SEALED}
    key = keys.held(files, MACHINE)
    assert len(key) == 32
    assert key not in (files.folder / SEALED).read_bytes()
    sealed = files.sealed()
    assert keys.seal(files, MACHINE) == made
    assert files.sealed() == sealed, "a second run changes nothing"


async def test_a_shop_goes_on_with_its_key_sealed(
    state: Path, files: KeyFiles, hand_over: Callable[[KeyFiles], None]
) -> None:
    async with open_shop(state) as shop:
        member, _ = await shop.enrolled("Ana")
    clear = files.clear()
    assert clear is not None
    await asyncio.to_thread(keys.seal, files, MACHINE)
    assert NAME not in names(files)
    assert not holds(state, clear)
    with pytest.raises(ConfigError, match="sealed to this machine and was not handed over"):
        async with open_shop(state):
            pass
    await asyncio.to_thread(hand_over, files)
    async with open_shop(state) as shop:
        assert await shop.store.read(lambda reader: reader.templates.count_of(member.id)) == 1


def test_the_power_may_go_at_any_step_of_sealing(files: KeyFiles) -> None:
    """What each step leaves behind is made by hand, and the next start ends it."""
    open_keyring_once(files)
    clear = files.clear()
    assert clear is not None
    sealed = MACHINE.seal(clear)
    (files.folder / f".{SEALED}.part").write_bytes(sealed[:20])
    keys.seal(files, MACHINE)
    assert names(files) == {SEALED, "keyring.db"}
    files.keep_clear(clear)  # sealed, and the clear one not yet gone
    keys.seal(files, MACHINE)
    assert names(files) == {SEALED, "keyring.db"}
    assert keys.held(files, MACHINE) == clear
    (files.folder / WIPED).write_bytes(clear[:10] + bytes(22))  # half overwritten
    keys.seal(files, MACHINE)
    assert names(files) == {SEALED, "keyring.db"}
    assert keys.held(files, MACHINE) == clear


def test_two_keys_that_differ_are_left_to_a_person(files: KeyFiles) -> None:
    open_keyring_once(files)
    keys.seal(files, MACHINE)
    key = keys.held(files, MACHINE)
    files.keep_clear(bytes(32))
    with pytest.raises(ConfigError, match="two keys"):
        keys.seal(files, MACHINE)
    assert keys.held(files, MACHINE) == key
    assert files.clear() == bytes(32)


def open_keyring_once(files: KeyFiles) -> None:
    files.folder.mkdir(mode=0o700)
    open_keyring(files.folder).close()


def test_another_mainboard_ends_in_one_line_and_loses_nothing(
    files: KeyFiles, at: Callable[[str], None]
) -> None:
    open_keyring_once(files)
    keys.seal(files, MACHINE)
    before = {path.name: path.read_bytes() for path in files.folder.iterdir()}
    at("new")
    with pytest.raises(ConfigError, match="regulars keys import") as refused:
        keys.seal(files, MACHINE)
    assert "\n" not in refused.value.message
    assert {path.name: path.read_bytes() for path in files.folder.iterdir()} == before


async def test_a_shop_moves_to_another_machine_and_nobody_who_withdrew_comes_along(
    state: Path,
    files: KeyFiles,
    tmp_path: Path,
    at: Callable[[str], None],
    hand_over: Callable[[KeyFiles], None],
) -> None:
    await asyncio.to_thread(keys.seal, files, MACHINE)
    await asyncio.to_thread(hand_over, files)
    async with open_shop(state) as shop:
        stays, _ = await shop.enrolled("Ana")
        leaves, consent = await shop.enrolled("Bo")
        text, code = await asyncio.to_thread(keys.export, files, MACHINE, "lyon-1", NOW)
        await shop.enrollment.withdraw(GUIDE, consent.id)
    shutil.copytree(state, tmp_path / "moved")
    moved = KeyFiles(tmp_path / "moved")
    at("new")
    with pytest.raises(ConfigError, match="regulars keys import"):
        await asyncio.to_thread(keys.seal, moved, MACHINE)
    typed = code.lower().replace("-", " ")
    brought = await asyncio.to_thread(keys.bring, moved, MACHINE, text, typed)
    assert brought.sealing is Sealing.HOST
    await asyncio.to_thread(hand_over, moved)
    async with open_shop(tmp_path / "moved") as shop:
        assert await shop.store.read(lambda reader: reader.templates.count_of(stays.id)) == 1
        assert await shop.store.read(lambda reader: reader.templates.count_of(leaves.id)) == 0
        assert await shop.store.read(lambda reader: reader.consents.active_of(leaves.id)) is None


def test_a_recovery_file_says_what_is_wrong_with_it_or_with_the_code(
    files: KeyFiles, tmp_path: Path
) -> None:
    open_keyring_once(files)
    text, code = keys.export(files, MACHINE, "lyon-1", NOW)
    key = keys.held(files, MACHINE)
    assert key.hex() not in text.decode()
    with pytest.raises(BadRequest, match=r"the code does not open this file, which store lyon-1"):
        keys.bring(files, MACHINE, text, recovery.new_code())
    held = json.loads(text)
    held["store_id"] = "lyon-2"
    for damaged in (text[:-20], text.replace(b"2026", b"2027"), json.dumps(held).encode(), b""):
        with pytest.raises(BadRequest, match="damaged"):
            keys.bring(files, MACHINE, damaged, code)
    (tmp_path / "other").mkdir()
    other = KeyFiles(tmp_path / "other")
    with pytest.raises(Conflict, match="bring the state folder"):
        keys.bring(other, MACHINE, text, code)
    open_keyring_once(other)
    with pytest.raises(Conflict, match="was not made under the key of this file"):
        keys.bring(other, MACHINE, text, code)


def test_a_folder_that_was_moved_with_its_clear_key_is_sealed_anew(
    files: KeyFiles, at: Callable[[str], None], tmp_path: Path
) -> None:
    """An installed machine has a sealed key already; what is copied over it brings its own."""
    keys.seal(files, MACHINE)
    (tmp_path / "other").mkdir()
    other = KeyFiles(tmp_path / "other")
    open_keyring_once(other)
    clear = other.clear()
    for path in other.folder.iterdir():
        shutil.copy2(path, files.folder)
    keys.seal(files, MACHINE)
    assert keys.held(files, MACHINE) == clear
    assert NAME not in names(files)


def test_going_back_to_an_earlier_release_finds_the_key_in_the_clear(files: KeyFiles) -> None:
    keys.seal(files, MACHINE)
    key = keys.held(files, MACHINE)
    keys.unseal(files, MACHINE)
    assert names(files) == {NAME}
    assert files.clear() == key


def test_a_machine_that_cannot_seal_goes_on_in_the_clear(
    files: KeyFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    made = keys.seal(files, MACHINE)
    assert made.sealing is Sealing.CLEAR
    assert made.why_clear is not None
    assert "systemd-creds is missing" in made.why_clear
    assert sealing_of(files.folder) is Sealing.CLEAR
    assert keys.held(files, MACHINE) == files.clear()


def test_a_tpm_seals_and_no_other_machine_opens(files: KeyFiles, tpm: Machine) -> None:
    assert keys.seal(files, tpm).sealing is Sealing.TPM
    sealed = files.sealed()
    assert sealed is not None
    assert kind_of(sealed) is Sealing.TPM
    assert len(keys.held(files, tpm)) == 32
    with pytest.raises(ConfigError, match="does not open on this machine"):
        keys.held(files, MACHINE)


def test_a_tpm_that_was_switched_on_later_takes_over(files: KeyFiles, tpm: Machine) -> None:
    keys.seal(files, MACHINE)
    key = keys.held(files, MACHINE)
    assert keys.seal(files, tpm).sealing is Sealing.TPM
    assert keys.held(files, tpm) == key
