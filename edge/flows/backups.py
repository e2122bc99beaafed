"""Copies of the shop's data: made while it is open, verified by putting them back, put back.

A copy holds the data, the certificate authority that phones trust, and the secrets a new machine
needs; never a key of a face. So a copy that is stolen or put back brings no face with it.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge import durable
from edge.backup import Kept, Repository
from edge.backup.restic import Added, Progress
from edge.config import BackupConfig
from edge.errors import BackupFailed, ConfigError
from edge.store import snapshot

AUTHORITY = "tls"
PASSWORD_BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A copy that was made; ``password`` where the repository was made for it."""

    added: Added
    password: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """The newest copy, put back aside and found whole."""

    made_at: datetime
    members: int


def repository(config: BackupConfig, state_dir: Path) -> Repository:
    """The repository of the configuration. Raises ``ConfigError``."""
    if config.to is None:
        raise ConfigError("backup.to is missing: say where copies are to go")
    secrets_of_storage = _environment(config.environment_file)
    return Repository(config.to, _password_file(config, state_dir), secrets_of_storage)


def make(config: BackupConfig, state_dir: Path, progress: Progress) -> Made:
    """Copy the shop's data; the gateway may run. Raises ``EdgeError``."""
    kept = repository(config, state_dir)
    place = _password_file(config, state_dir)
    password = None if place.exists() else _make_password(place)
    kept.prepare()
    with _draft(state_dir) as folder:
        snapshot.take(state_dir, folder)
        added = kept.add(folder, progress)
    kept.tidy()
    return Made(added=added, password=password)


def verify(config: BackupConfig, state_dir: Path) -> Verified:
    """Read every copy back, put the newest one aside and look at it. Raises ``EdgeError``."""
    kept = repository(config, state_dir)
    kept.check()
    newest = _newest(kept)
    with _draft(state_dir) as folder:
        kept.put_back(newest.id, folder)
        return Verified(made_at=newest.time, members=snapshot.sound(folder / snapshot.DATA))


def restore(config: BackupConfig, state_dir: Path, kept_id: str | None) -> Verified:
    """Put a copy, the newest unless named, in the place of a store that nobody uses.

    Raises ``EdgeError``; until the copy was found whole nothing is touched.
    """
    kept = repository(config, state_dir)
    chosen = _newest(kept) if kept_id is None else _named(kept, kept_id)
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _draft(state_dir) as folder:
        kept.put_back(chosen.id, folder)
        members = snapshot.sound(folder / snapshot.DATA)
        snapshot.put_back(folder, state_dir)
        # Copies of earlier releases hold the authority in a folder, today's among the secrets.
        if (folder / AUTHORITY).is_dir() and not (state_dir / AUTHORITY).exists():
            (folder / AUTHORITY).replace(state_dir / AUTHORITY)
    return Verified(made_at=chosen.time, members=members)


@contextmanager
def _draft(state_dir: Path) -> Iterator[Path]:
    """A folder on the same disk as the data, for nobody else's eyes, gone afterwards.

    What a power cut left of an earlier one goes first: only one backup runs at a time.
    """
    for left in state_dir.glob("backup-*/"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="backup-", dir=state_dir) as folder:
        yield Path(folder)


def _newest(kept: Repository) -> Kept:
    copies = kept.kept()
    if not copies:
        raise BackupFailed("no copy was made yet; run: regulars backup")
    return copies[-1]


def _named(kept: Repository, kept_id: str) -> Kept:
    copies = [copy for copy in kept.kept() if copy.id.startswith(kept_id)]
    if len(copies) != 1:
        raise BackupFailed(f"{kept_id!r} names no copy, or several; `regulars backup --list`")
    return copies[0]


def _password_file(config: BackupConfig, state_dir: Path) -> Path:
    if config.password_file is None:
        return state_dir / "backup.password"
    return Path(config.password_file)


def _make_password(place: Path) -> str:
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    try:
        durable.create(place, f"{password}\n".encode())
    except OSError as error:
        raise ConfigError(
            f"backup.password_file: {place} is missing and cannot be written ({error.strerror}); "
            "make it with a long password in it, readable to the gateway alone"
        ) from error
    return password


def _environment(name: str | None) -> dict[str, str]:
    if name is None:
        return {}
    try:
        lines = Path(name).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"backup.environment_file: {name} cannot be read; check it") from error
    pairs = (line.partition("=") for line in lines if line.strip() and not line.startswith("#"))
    return {key.strip(): value.strip() for key, _, value in pairs}
