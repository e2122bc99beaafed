"""Where copies are kept: not there, not reached, held by somebody, held by the dead."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge.backup import Repository
from edge.config import BackupConfig
from edge.errors import BackupFailed, ConfigError
from edge.flows import backups


@pytest.fixture(autouse=True)
def restic(require: Callable[[bool, str], None]) -> None:
    require(shutil.which("restic") is not None, "Debian's restic package")


def test_without_a_place_or_a_copy_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"backup\.to is missing"):
        backups.repository(BackupConfig(), tmp_path)
    (tmp_path / "password").write_text("secret\n")
    with pytest.raises(BackupFailed, match="there is no repository"):
        Repository(str(tmp_path / "nowhere"), tmp_path / "password", {}).kept()
    secrets = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    with socket.socket() as closed:  # it is ours, and nobody listens there
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        away = Repository(f"s3:http://127.0.0.1:{port}/copies", tmp_path / "password", secrets)
        with pytest.raises(BackupFailed, match=r"cannot be opened .*connection refused.*look at"):
            away.kept()


def test_a_copy_that_was_cut_off_by_a_power_cut_blocks_none_after_it(tmp_path: Path) -> None:
    """Else copies would pile up, and never be verified again, until somebody came."""
    config = BackupConfig(to=str(tmp_path / "copies"), password_file=str(tmp_path / "password"))
    (tmp_path / "password").write_text("secret\n")
    kept = backups.repository(config, tmp_path / "state")
    kept.prepare()
    with reading(config) as alive:
        with pytest.raises(BackupFailed, match="another backup is running"):
            kept.tidy()
        with pytest.raises(BackupFailed, match="another backup is running"):
            kept.check()
        alive.kill()
        alive.wait()
        assert locks(config), "the dead one left its lock"
        kept.check()
    with reading(config) as alive:
        alive.kill()
        alive.wait()
        kept.tidy()
    assert not locks(config)


def test_who_died_while_tidying_bars_no_copy_after_it(tmp_path: Path) -> None:
    """Who forgets copies has the repository for itself, so that nobody else may even read."""
    config = BackupConfig(to=str(tmp_path / "copies"), password_file=str(tmp_path / "password"))
    (tmp_path / "password").write_text("secret\n")
    kept = backups.repository(config, tmp_path / "state")
    kept.prepare()
    while not locks(config):  # until one was killed in time
        with subprocess.Popen(["restic", "--no-cache", "prune", "-q"], env=opening(config)) as dies:
            while dies.poll() is None and not locks(config):
                pass
            dies.kill()
    kept.prepare()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "regulars.db").write_bytes(b"data")
    assert kept.add(tmp_path / "data", lambda what, done, total: None).id


@contextmanager
def reading(config: BackupConfig) -> Iterator[subprocess.Popen[bytes]]:
    """A backup that waits for its data and holds the repository meanwhile."""
    backup = subprocess.Popen(
        ["restic", "--no-cache", "backup", "--stdin", "--quiet"],
        stdin=subprocess.PIPE,
        env=opening(config),
    )
    try:
        before = time.monotonic()
        while not locks(config):
            assert backup.poll() is None
            assert time.monotonic() - before < 60, "the backup took no lock"
            time.sleep(0.01)
        yield backup
    finally:
        backup.kill()
        backup.communicate()


def opening(config: BackupConfig) -> dict[str, str]:
    """The environment in which restic opens the repository."""
    return {
        **os.environ,
        "RESTIC_REPOSITORY": str(config.to),
        "RESTIC_PASSWORD_FILE": str(config.password_file),
    }


def locks(config: BackupConfig) -> list[Path]:
    """Those that bar others; one of which half is written has another name, and bars nobody."""
    return list((Path(str(config.to)) / "locks").glob("[0-9a-f]" * 64))
