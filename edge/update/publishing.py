"""The publisher's side: keys, and a repository that any web server or a stick can carry.

Four roles, as The Update Framework has them. ``root`` names all keys and stays offline; ``targets``
signs releases; ``snapshot`` and ``timestamp`` share the key that may lie on a server, as it can
only say again, and for a while, what the others signed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from edge import durable
from edge.errors import UpdateFailed
from edge.update.trust import METADATA, published_name

OFFLINE, ONLINE = ("root", "targets"), "online"
KEY_OF = {"root": "root", "targets": "targets", "snapshot": ONLINE, "timestamp": ONLINE}
LASTS = {"root": 3 * 365, "targets": 365, "snapshot": 30, "timestamp": 30}
"""Days. The last two are how long a store can be kept from learning that there is a newer release:
the shorter, the more often ``refresh`` has to run.
"""

SERVED = 0o644  # any web server may read it

S = TypeVar("S", Root, Targets, Snapshot, Timestamp)


class Keys:
    """The private keys in a folder; those that belong offline are under a passphrase."""

    def __init__(self, folder: Path, passphrase: str) -> None:
        self._folder = folder
        self._passphrase = passphrase.encode()

    def make(self) -> None:
        """Make all keys. Raises ``UpdateFailed`` where there are some."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (*OFFLINE, ONLINE):
            secret = self._passphrase if name in OFFLINE else None
            pem = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(secret)
                if secret
                else serialization.NoEncryption(),
            )
            try:
                durable.create(self._place(name), pem)
            except OSError as error:
                raise UpdateFailed(
                    f"{self._place(name)}: {error.strerror}; keys are made once, into a new folder"
                ) from error

    def signer(self, role: str) -> CryptoSigner:
        """Who signs for a role. Raises ``UpdateFailed``."""
        name = KEY_OF[role]
        try:
            key = serialization.load_pem_private_key(
                self._place(name).read_bytes(), self._passphrase if name in OFFLINE else None
            )
        except OSError as error:
            raise UpdateFailed(f"{self._place(name)}: {error.strerror}; bring the key") from error
        except (ValueError, TypeError) as error:
            raise UpdateFailed(f"{self._place(name)} cannot be opened: {error}") from error
        return CryptoSigner(key)

    def _place(self, name: str) -> Path:
        return self._folder / f"{name}.pem"


class Repository:
    """A repository in a folder, as it is served."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._metadata = folder / METADATA

    def begin(self, keys: Keys) -> None:
        """Sign a first, empty state. Raises ``UpdateFailed`` where there is a repository."""
        if (self._metadata / "1.root.json").exists():
            raise UpdateFailed(f"{self.folder} is a repository already")
        self._metadata.mkdir(parents=True, exist_ok=True)
        root = Root(consistent_snapshot=True, expires=_until("root"))
        for role in KEY_OF:
            root.add_key(keys.signer(role).public_key, role)
        self._write(Metadata(root), keys)
        self._write(Metadata(Targets(expires=_until("targets"))), keys)
        self._tell(keys, 1)

    def publish(self, targets: list[tuple[TargetFile, Path | bytes]], keys: Keys) -> None:
        """Add files under their target's name, then sign the state that names them."""
        state = self._newest("targets", Targets)
        for target, source in targets:
            place = self.folder / published_name(target)
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                data = source if isinstance(source, bytes) else source.read_bytes()
                durable.put(place, data, SERVED)
            state.signed.targets[target.path] = target
        state.signed.version += 1
        state.signed.expires = _until("targets")
        self._write(state, keys)
        self._tell(keys, state.signed.version)

    def refresh(self, keys: Keys) -> None:
        """Say again that this is the present state; needs the online key alone."""
        self._tell(keys, self._newest("targets", Targets).signed.version)

    def rotate(self, old: Keys, new: Keys) -> None:
        """Put new keys in the place of all old ones; stores follow from one root to the next."""
        root = self._newest("root", Root)
        signed = root.signed
        signed.version += 1
        signed.expires = _until("root")
        for role in KEY_OF:
            for key_id in list(signed.roles[role].keyids):
                signed.revoke_key(key_id, role)
            signed.add_key(new.signer(role).public_key, role)
        self._write(root, old, new)
        state = self._newest("targets", Targets)
        state.signed.version += 1
        self._write(state, new)
        self._tell(new, state.signed.version)

    def target(self, path: str) -> TargetFile | None:
        """What is signed under a name now."""
        found = self._newest("targets", Targets).signed.targets.get(path)
        assert found is None or isinstance(found, TargetFile)
        return found

    def _tell(self, keys: Keys, targets_version: int) -> None:
        """Sign which versions belong together, and that they are the present ones."""
        snapshot = self._next("snapshot", Snapshot, Snapshot())
        snapshot.signed.meta = {"targets.json": MetaFile(version=targets_version)}
        self._write(snapshot, keys)
        timestamp = self._next("timestamp", Timestamp, Timestamp())
        timestamp.signed.snapshot_meta = MetaFile(version=snapshot.signed.version)
        self._write(timestamp, keys)

    def _next(self, role: str, kind: type[S], first: S) -> Metadata[S]:
        try:
            state = self._newest(role, kind)
            state.signed.version += 1
        except UpdateFailed:
            state = Metadata(first)
        state.signed.expires = _until(role)
        return state

    def _newest(self, role: str, kind: type[S]) -> Metadata[S]:
        found = sorted(
            self._metadata.glob(f"*{role}.json"),
            key=lambda place: int(place.name.partition(".")[0]) if place.name[0].isdigit() else 0,
        )
        try:
            if not found:
                raise UpdateFailed(f"{self.folder} is no repository; run: regulars release begin")
            state: Metadata[Any] = Metadata.from_file(str(found[-1]))
        except RepositoryError as error:
            raise UpdateFailed(f"{found[-1]} cannot be read: {error}") from error
        assert isinstance(state.signed, kind)
        return state

    def _write(self, state: Metadata[S], *keys: Keys) -> None:
        """Sign and write; the timestamp has one place, everything else a name of its own."""
        role = state.signed.type
        state.signatures.clear()
        for held in keys:
            state.sign(held.signer(role), append=True)
        name = f"{role}.json" if role == "timestamp" else f"{state.signed.version}.{role}.json"
        durable.put(self._metadata / name, state.to_bytes(), SERVED)


def _until(role: str) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=LASTS[role])
