"""The files of the gateway's key: the sealed one, and the clear one where nothing seals.

Root seals, but the files are the gateway's: they are touched with the rights of whoever owns the
state folder, so that no link laid there by others leads root elsewhere.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import ConfigError
from edge.store import gateway_key, keyring
from edge.store.sealing import NAME, SEALED

WIPED = "gateway.key.wiped"


@contextmanager
def as_owner(state_dir: Path) -> Iterator[None]:
    """Touch files with the rights of the state folder's owner, where this is root."""
    try:
        at = state_dir.stat()
    except OSError as error:
        raise ConfigError(
            f"{state_dir} cannot be used ({error.strerror}); install the gateway first"
        ) from error
    if os.geteuid() != 0 or at.st_uid == 0:
        yield
        return
    os.setegid(at.st_gid)
    os.seteuid(at.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


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
            draft = self.folder / f"{SEALED}.draft"
            draft.unlink(missing_ok=True)
            gateway_key.write(draft, sealed)
            draft.replace(self.folder / SEALED)
            gateway_key.sync_names(self.folder)

    def keep_clear(self, key: bytes) -> None:
        with as_owner(self._state_dir):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            gateway_key.write(self.folder / NAME, key)

    def drop_sealed(self) -> None:
        with as_owner(self._state_dir):
            (self.folder / SEALED).unlink(missing_ok=True)
            gateway_key.sync_names(self.folder)

    def wipe_clear(self) -> None:
        """Overwrite the clear key and remove it; what a disk keeps aside of old blocks stays.

        Under another name first: half overwritten it must be taken for no key.
        """
        with as_owner(self._state_dir):
            (self.folder / NAME).replace(self.folder / WIPED)
            gateway_key.sync_names(self.folder)
        self.end_wiping()

    def end_wiping(self) -> None:
        """End what a power cut interrupted."""
        with as_owner(self._state_dir):
            path = self.folder / WIPED
            if path.exists():
                with path.open("r+b", buffering=0) as file:
                    file.write(secrets.token_bytes(gateway_key.KEY_BYTES))
                    os.fsync(file.fileno())
                path.unlink()

    def _read(self, name: str) -> bytes | None:
        with as_owner(self._state_dir):
            try:
                return (self.folder / name).read_bytes()
            except FileNotFoundError:
                return None
