"""Files that a power cut leaves as they were or as they were to be: never gone, never half.

New bytes are written beside the file, as ``.NAME.part``, and are on the disk before they take its
name; the name is on the disk when the call returns. What a crash leaves of a ``.part`` is in
nobody's way, and goes when the file is next written. Writers of one folder take turns.

Blocks. Raises ``OSError``, and nothing has changed; each caller says in its own words what to do.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PRIVATE = 0o600


def put(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Let ``path`` hold these bytes, whatever it held. A link there is replaced, not followed."""
    with alone(path) as place:
        place(data, mode)


def create(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """A new file. Raises ``FileExistsError`` where something bears its name."""
    with alone(path) as place:
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        place(data, mode)


@contextmanager
def alone(path: Path) -> Iterator[Callable[[bytes, int], None]]:
    """Hold a file's folder while new bytes are made of the old ones; yields what puts them there.

    The lock is the kernel's: it ends with its process. A share that lends no locks is written
    without.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield lambda data, mode: _replace(path, data, mode, folder)
    finally:
        os.close(folder)


def _replace(path: Path, data: bytes, mode: int, folder: int) -> None:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if mode != PRIVATE:  # FAT knows no modes and refuses to be asked
                os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        part.replace(path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    os.fsync(folder)


def move(made: Path, path: Path) -> None:
    """Give the file or folder ``made`` its name, once what it holds is on the disk."""
    sync(made)
    made.replace(path)
    sync(path.parent)


def erase(path: Path) -> None:
    """Overwrite a file with zeros before it goes; nothing where there is none.

    What a flash disk keeps aside of old blocks stays.
    """
    with suppress(FileNotFoundError):
        with path.open("r+b", buffering=0) as file:
            file.write(bytes(path.stat().st_size))
            os.fsync(file.fileno())
        path.unlink()
        sync(path.parent)


def sync(path: Path) -> None:
    """What a file holds, or which names a folder does, is on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
