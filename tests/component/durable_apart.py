"""Writes files in forked processes, each killed one line of ``edge.durable`` later than the last.

``python durable_apart.py FOLDER STORY``: the output is how many lines there were. After each death
what lies in FOLDER is the old or the new, and the same story told again succeeds. The story
``headquarters`` is a first start of headquarters, killed before each line of its authority too.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from edge import durable
from hq import authority

WRITERS = (durable.__file__, authority.__file__)
OLD, NEW = b"old" * 20_000, b"new" * 30_000


def put(folder: Path) -> None:
    durable.put(folder / "file", NEW, 0o644)


def create(folder: Path) -> None:
    if not (folder / "fresh").exists():
        durable.create(folder / "fresh", NEW)


def move(folder: Path) -> None:
    (folder / "made").write_bytes(NEW)
    durable.move(folder / "made", folder / "file")


def erase(folder: Path) -> None:
    durable.erase(folder / "file")


STORIES: dict[str, tuple[Callable[[Path], None], str, set[bytes | None]]] = {
    "put": (put, "file", {OLD, NEW}),
    "create": (create, "fresh", {None, NEW}),
    "move": (move, "file", {OLD, NEW}),
    "erase": (erase, "file", {OLD, bytes(len(OLD)), None}),
}


def killed_before(line: int) -> None:
    """End this process with SIGKILL before the ``line``-th line that it runs of ``WRITERS``."""
    left = [line]

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in WRITERS:
            return None
        if event == "line":
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
        return watch

    sys.settrace(watch)


def forked(story: Callable[[Path], object], folder: Path, line: int | None) -> int:
    """How a process ended that told the story."""
    pid = os.fork()
    if pid == 0:
        if line is not None:
            killed_before(line)
        story(folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def every_line(folder: Path, name: str) -> int:
    """Die before each line in turn; how many there are."""
    story, file, allowed = STORIES[name]
    line = 0
    while True:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "file").write_bytes(OLD)
        code = forked(story, folder, line)
        assert read(folder / file) in allowed, line
        if code == 0:
            return line
        assert code == -signal.SIGKILL, code
        assert forked(story, folder, None) == 0, line
        assert not list(folder.glob(".*.part")), line
        line += 1


def no_room(folder: Path) -> None:
    """Where the bytes do not fit, the old ones stay, and nothing beside them."""
    folder.mkdir()
    (folder / "file").write_bytes(OLD)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(OLD), len(OLD)))
    try:
        put(folder)
    except OSError:
        assert [path.name for path in folder.iterdir()] == ["file"]
        assert read(folder / "file") == OLD
    else:
        raise AssertionError("it fitted")


def headquarters(folder: Path) -> int:
    """Die before each line in turn of its first start; it starts every time after that."""
    authority.make_authority(folder, "127.0.0.1")
    kept = {path.name for path in folder.iterdir()}
    line = 0
    while True:
        code = forked(authority.client_context, folder, line)
        authority.client_context(folder)
        assert not list(folder.glob(".*.part")), line
        if code == 0:
            return line
        assert code == -signal.SIGKILL, code
        for name in {path.name for path in folder.iterdir()} - kept:
            (folder / name).unlink()
        line += 1


if __name__ == "__main__":
    place = Path(sys.argv[1])
    if sys.argv[2] == "no-room":
        no_room(place)
    elif sys.argv[2] == "headquarters":
        print(headquarters(place))  # noqa: T201, the answer
    else:
        print(every_line(place, sys.argv[2]))  # noqa: T201, the answer
