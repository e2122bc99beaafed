"""The files of the gateway's key: the sealed one, and the clear one where nothing seals.

Root seals, but the files are the gateway's: they are touched with the rights of whoever owns the
state folder, so that no link laid there by others leads root elsewhere.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge import durable
from edge.errors import ConfigError
from edge.store import gateway_key, keyring
from edge.store.sealing import NAME, SEALED

WIPED = "gateway.key.wiped"


@contextmanager
def as_owner(state_dir: Path) -> Iterator[None]:
    """Touch files with the rights of the state folder's owner, where this is root.

    Of this thread alone, and for files alone (setfsuid(2)): to change the user of a process, the C
    library interrupts every thread that is in it, other people's code included.
    """
    try:
        at = state_dir.stat()
    except OSError as error:
        raise ConfigError(
            f"{state_dir} cannot be used ({error.strerror}); install the gateway first"
        ) from error
    if os.geteuid() != 0 or at.st_uid == 0:
        yield
        return
    _touch_files_as(at.st_uid, at.st_gid)
    try:
        yield
    finally:
        _touch_files_as(0, 0)


def _touch_files_as(uid: int, gid: int) -> None:
    """The group first: whoever is not root any more may not choose one."""
    libc = ctypes.CDLL(None)
    for change, wanted in ((libc.setfsgid, gid), (libc.setfsuid, uid))[:: 1 if uid else -1]:
        change(wanted)
        if change(-1) != wanted:  # it tells what is, never an error
            raise ConfigError("files cannot be touched as the state folder's owner; run as root")


class KeyFiles:
    """What a state folder holds of its gateway's key. Every change is durable when it returns."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self.folder = state_dir / "keys"

    def sealed(self) -> bytes | None:
        return self._read(SEALED)

    def clear(self) -> bytes | None:
        """Raises ``ConfigError`` for a file that holds no key."""
        key = self._read(NAME)
        return key if key is None else gateway_key.whole(key, self.folder / NAME)

    def fits(self, key: bytes) -> bool | None:
        """Whether the keys of faces were made under this key; None while there are none."""
        with as_owner(self._state_dir):
            return keyring.fits(self.folder, key)

    def needed(self) -> bool:
        """Whether anything is there that was made under the key, so that no new one will do."""
        with as_owner(self._state_dir):
            return (self.folder / "keyring.db").exists()

    def keep_sealed(self, sealed: bytes) -> None:
        """Put a sealed key in place, whole or not at all."""
        with as_owner(self._state_dir):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            durable.put(self.folder / SEALED, sealed)

    def keep_clear(self, key: bytes) -> None:
        with as_owner(self._state_dir):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            durable.create(self.folder / NAME, key)

    def drop_sealed(self) -> None:
        with as_owner(self._state_dir):
            (self.folder / SEALED).unlink(missing_ok=True)
            durable.sync(self.folder)

    def wipe_clear(self) -> None:
        """Overwrite the clear key and remove it; what a disk keeps aside of old blocks stays.

        Under another name first: half overwritten it must be taken for no key.
        """
        with as_owner(self._state_dir):
            durable.move(self.folder / NAME, self.folder / WIPED)
        self.end_wiping()

    def end_wiping(self) -> None:
        """End what a power cut interrupted."""
        with as_owner(self._state_dir):
            durable.erase(self.folder / WIPED)

    def _read(self, name: str) -> bytes | None:
        with as_owner(self._state_dir):
            try:
                return (self.folder / name).read_bytes()
            except FileNotFoundError:
                return None
