"""A disk that fills, two updaters at once, and a lock that outlives its holder's death."""

from __future__ import annotations

import fcntl
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from updates.apart import ON_THE_NEW_ONE
from updates.conftest import Machine, Publisher, offer

MB = 1 << 20


@pytest.fixture
def small(
    require: Callable[[bool, str], None], tmp_path: Path, publisher: Publisher
) -> Iterator[Machine]:
    """A machine of which everything but the data lies on a small disk of its own; and what stands
    in for its manager, whose log would take of the room that a test has counted.
    """
    folder = Path("/tmp") / f"regulars-update-{uuid4().hex[:8]}"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and not subprocess.run(mount, capture_output=True).returncode
    if not mounted:
        folder.rmdir()
    require(mounted, "the right to mount a tmpfs")
    there = Machine(folder)
    there.data, there.standin = tmp_path / "data", tmp_path / "standin"
    there.begin(publisher)
    yield there
    there.end()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


def fill(folder: Path, leaving: int = 0) -> Path:
    """Take the room on a disk but for so many bytes; what takes it."""
    ballast = folder / "ballast"
    # The gateway may take of the room meanwhile.
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        there = os.statvfs(folder)
        left = there.f_bavail * there.f_frsize - leaving
        while left > 0:
            left -= file.write(bytes(min(left, MB)))
    return ballast


def test_without_room_nothing_is_begun(publisher: Publisher, small: Machine) -> None:
    offer(publisher, small, "1.1.0")
    ballast = fill(small.root, leaving=MB)
    outcome, because = small.outcome("apply", publisher.folder)
    assert outcome == "not_staged"
    assert "MB are needed" in because
    assert small.version == "1.0.0"
    ballast.unlink()
    assert small.outcome("apply", publisher.folder) == ("updated", "")
    assert small.version == "1.1.0"


def test_a_disk_that_fills_while_it_is_built_changes_nothing(
    publisher: Publisher, small: Machine
) -> None:
    offer(publisher, small, "1.1.0")
    needed = sum(place.stat().st_size for place in small.root.glob("bundle-1.1.0*/wheels/*"))
    ballast = fill(small.root, leaving=needed + 2 * MB)
    outcome, because = small.outcome("apply", publisher.folder)
    assert outcome == "not_staged"
    assert "is full; make room" in because or "No space left" in because
    assert small.version == "1.0.0"
    assert small.pointed == ("1.0.0",) * 3
    assert [place.name for place in (small.opt / "releases").iterdir()] == [
        small.releases.name("current")
    ]
    ballast.unlink()


def test_going_back_needs_no_room(publisher: Publisher, small: Machine) -> None:
    """Cut off on the new release, and then not a byte is left."""
    offer(publisher, small, "1.1.0")
    assert small.update("apply", publisher.folder, die_before=ON_THE_NEW_ONE) is None
    assert small.version == "1.1.0"
    fill(small.root)
    assert small.outcome("recover")[0] == "rolled_back"
    assert small.version == "1.0.0"
    assert small.pointed == ("1.0.0",) * 3
    assert small.journal.read().phase == "idle"


def test_one_at_a_time(publisher: Publisher, shop: Machine) -> None:
    offer(publisher, shop, "1.1.0")
    with shop.places["lock"].open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = shop.update("apply", publisher.folder)
    assert answer is not None
    assert "another update or install is running" in answer["refused"]
    assert shop.version == "1.0.0"
