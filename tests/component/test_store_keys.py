"""The keys: made once, for the gateway alone, and never mistaken for another machine's."""

from __future__ import annotations

import base64
import shutil
import stat
from pathlib import Path

import pytest
from component.store_values import Clock
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.errors import ConfigError, StoreUnavailable
from edge.store import Store


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


async def start(state: Path) -> tuple[bytes, bytes]:
    async with Store.open(state, Clock()) as store:
        return store.rotation_secret(), store.public_key()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes_below(folder: Path) -> dict[str, int]:
    return {path.name: mode(path) for path in folder.rglob("*") if path.is_file()}


async def test_nobody_else_can_read_what_the_store_writes(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        await store.write(lambda tx: tx.members.count())
        assert mode(state) == 0o700
        assert mode(state / "keys") == 0o700
        modes = modes_below(state)
    assert modes.keys() >= {"regulars.db", "gateway.key", "keyring.db"}
    assert set(modes.values()) == {0o600}
    assert len((state / "keys" / "gateway.key").read_bytes()) == 32


async def test_the_secrets_stay_over_a_restart_and_differ_between_stores(
    state: Path, tmp_path: Path
) -> None:
    first = await start(state)
    assert await start(state) == first
    other = await start(tmp_path / "other")
    assert set(first).isdisjoint(other)
    assert len(first[0]) == 32


async def test_a_signature_is_checked_with_the_public_key(state: Path) -> None:
    async with Store.open(state, Clock()) as store:
        signature = base64.urlsafe_b64decode(store.sign(b"receipt"))
        Ed25519PublicKey.from_public_bytes(store.public_key()).verify(signature, b"receipt")


@pytest.mark.parametrize(
    ("path", "loose", "command"),
    [
        ("keys/gateway.key", 0o640, "chmod 600"),
        ("keys/keyring.db", 0o604, "chmod 600"),
        ("keys", 0o755, "chmod 700"),
    ],
)
async def test_keys_that_others_may_open_are_refused(
    state: Path, path: str, loose: int, command: str
) -> None:
    await start(state)
    (state / path).chmod(loose)
    with pytest.raises(ConfigError, match=command) as refused:
        await start(state)
    assert str(state / path) in refused.value.message


async def test_another_machines_gateway_key_is_refused(state: Path, tmp_path: Path) -> None:
    await start(state)
    await start(tmp_path / "other")
    shutil.copy(tmp_path / "other" / "keys" / "gateway.key", state / "keys" / "gateway.key")
    with pytest.raises(ConfigError, match="another gateway") as refused:
        await start(state)
    assert "\n" not in refused.value.message


async def test_a_lost_gateway_key_is_asked_for_and_not_made_anew(state: Path) -> None:
    await start(state)
    (state / "keys" / "gateway.key").unlink()
    with pytest.raises(ConfigError, match="missing"):
        await start(state)
    assert not (state / "keys" / "gateway.key").exists()


async def test_a_gateway_key_of_the_wrong_length_is_refused(state: Path) -> None:
    await start(state)
    (state / "keys" / "gateway.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match="holds 5 bytes"):
        await start(state)


async def test_a_damaged_database_is_named_with_what_to_do(state: Path) -> None:
    await start(state)
    (state / "regulars.db").write_bytes(b"this is no database, " * 400)
    with pytest.raises(StoreUnavailable, match="put back a backup") as refused:
        await start(state)
    assert str(state) in refused.value.message


async def test_a_damaged_page_is_found_at_start(state: Path) -> None:
    await start(state)
    path = state / "regulars.db"
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)
    with pytest.raises(StoreUnavailable, match="damaged"):
        await start(state)


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="check the folder"):
        await start(tmp_path / "file" / "state")
