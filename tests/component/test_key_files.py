"""Root at the files of the gateway's key: with their owner's rights, and in one thread alone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge.flows import keys
from edge.store.key_files import KeyFiles, as_owner
from edge.store.sealing import SEALED, Machine


def test_root_touches_the_files_as_their_owner_and_no_other_thread_notices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, require: Callable[[bool, str], None]
) -> None:
    """What is laid there to lead root elsewhere leads nowhere, and root stays root beside it."""
    require(os.geteuid() == 0, "root, who alone can become somebody else")
    require(shutil.which("systemd-creds") is not None, "systemd-creds, of Debian's systemd package")
    monkeypatch.setenv("SYSTEMD_CREDENTIAL_SECRET", str(tmp_path / "host-key"))
    with tempfile.TemporaryDirectory() as reachable:
        place = Path(reachable)
        place.chmod(0o711)
        for folder, owner in (("state", 12345), ("roots-own", 0)):
            (place / folder).mkdir(mode=0o700)
            os.chown(place / folder, owner, owner)
        _touch_as_their_owner(place / "state", place / "roots-own")


def _touch_as_their_owner(state: Path, theirs: Path) -> None:
    files = KeyFiles(state)

    def beside() -> tuple[int, int]:
        made = theirs / "made-beside"
        made.touch()
        return os.geteuid(), made.stat().st_uid

    with ThreadPoolExecutor(1) as other:
        assert other.submit(beside).result() == (0, 0)
        with as_owner(state):
            assert other.submit(beside).result() == (0, 0)
            with pytest.raises(PermissionError):
                (theirs / "mine").touch()
    keys.seal(files, Machine())
    for made in (files.folder, files.folder / SEALED):
        assert (made.stat().st_uid, made.stat().st_gid) == (12345, 12345)
    (files.folder / SEALED).unlink()
    files.folder.rmdir()
    files.folder.symlink_to(theirs)
    with pytest.raises(PermissionError):
        keys.seal(files, Machine())
    (theirs / "mine").touch()
