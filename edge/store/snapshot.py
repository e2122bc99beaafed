"""The data as they are at one moment, copied while the shop goes on, and what else a new machine
needs of the keys.

Keys of faces are never among it, nor the secret that turns templates: whoever holds a copy holds
no face that can be opened, and nobody who withdrew comes back with one.
"""

from __future__ import annotations

import base64
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import msgspec

from edge import durable
from edge.errors import StoreUnavailable
from edge.store.connection import translated
from edge.store.keyring import NEXT_ROTATION, ROTATION, Keyring, open_keyring

DATA, SECRETS = "regulars.db", "secrets.json"
OF_FACES = frozenset({ROTATION, NEXT_ROTATION})


def take(state_dir: Path, folder: Path) -> None:
    """Copy the database and the portable secrets of a store into a folder.

    One read transaction: phones and the writer go on meanwhile. Raises ``StoreUnavailable``.
    """
    take_data(state_dir, folder)
    keyring = open_keyring(state_dir / "keys")
    try:
        held = {name: base64.b64encode(value).decode() for name, value in _portable(keyring)}
    finally:
        keyring.close()
    durable.create(folder / SECRETS, msgspec.json.encode(held))


def take_data(state_dir: Path, folder: Path) -> None:
    """Copy the database alone, as it is at one moment. Raises ``StoreUnavailable``."""
    with translated("the copy of the data was not made"):
        source = sqlite3.connect(f"file:{quote(str(state_dir / DATA))}?mode=ro", uri=True)
        with closing(source), closing(sqlite3.connect(_private(folder / DATA))) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")


def sound(database: Path) -> int:
    """See that a copied database is whole; how many members it holds.

    Raises ``StoreUnavailable``.
    """
    address = f"file:{quote(str(database))}?mode=ro"
    with (
        translated(f"{database} cannot be used"),
        closing(sqlite3.connect(address, uri=True)) as copy,
    ):
        (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise StoreUnavailable(f"the copy is damaged ({verdict}); take another one")
        (members,) = copy.execute("SELECT count(*) FROM members").fetchone()
        return int(members)


def put_back(folder: Path, state_dir: Path) -> None:
    """Put a copy in the place of a store that nobody uses.

    Keys that are here stay and decide who may be recognised; on a new machine, which has no
    member and no campaign yet, the portable secrets come back and every face is gone. The data that
    were here stay beside as ``regulars.db.before``; whenever the power goes, one of the two is
    whole in its place.
    Raises ``StoreUnavailable``, ``ConfigError``.
    """
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun = state_dir / "restoring"
    if begun.exists() or _is_new(state_dir):
        begun.touch(mode=0o600)
        durable.sync(state_dir)
        _bring_secrets(folder / SECRETS, state_dir / "keys")
    _set_aside(state_dir / DATA)
    (folder / DATA).chmod(0o600)
    durable.move(folder / DATA, state_dir / DATA)
    begun.unlink(missing_ok=True)


def _is_new(state_dir: Path) -> bool:
    """Whether nothing depends on the secrets that are here. Data that cannot be read might."""
    if not (state_dir / "keys" / "keyring.db").exists():
        return True
    if not (state_dir / DATA).exists():
        return False
    address = f"file:{quote(str(state_dir / DATA))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as present:
            (used,) = present.execute(
                "SELECT EXISTS (SELECT 1 FROM members) OR EXISTS (SELECT 1 FROM campaigns)"
            ).fetchone()
    except sqlite3.DatabaseError:
        return False
    return not used


def _bring_secrets(file: Path, keys: Path) -> None:
    keyring = open_keyring(keys)
    try:
        held = msgspec.json.decode(file.read_bytes(), type=dict[str, str])
        for name, value in held.items():
            if name not in OF_FACES:
                keyring.keep_secret(name, base64.b64decode(value))
    finally:
        keyring.close()


def _set_aside(data: Path) -> None:
    """Keep the present data under another name, with all that is still in their log."""
    if not data.exists():
        return
    # Data that are damaged cannot be opened: they are kept as they are.
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(data)) as present:
        present.execute("PRAGMA journal_mode = DELETE")
    before = data.with_name(f"{DATA}.before")
    before.unlink(missing_ok=True)
    os.link(data, before)
    for suffix in ("-wal", "-shm"):
        data.with_name(f"{DATA}{suffix}").unlink(missing_ok=True)


def _portable(keyring: Keyring) -> list[tuple[str, bytes]]:
    return [(name, keyring.secret(name)) for name in keyring.names() if name not in OF_FACES]


def _private(path: Path) -> Path:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path
