"""One gateway, and one backup, a state folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import ConfigError


@contextmanager
def sole_use(state_dir: Path, use: str = "gateway") -> Iterator[None]:
    """Hold the state folder for one use of a kind. Raises ``ConfigError`` where another has it.

    The lock is the kernel's, so it ends with the process however that dies.
    """
    try:
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(state_dir / f"{use}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(
            f"store.state_dir: {state_dir} cannot be used ({error.strerror}); "
            "choose a folder that this user may write"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ConfigError(
            f"store.state_dir: another {use} is running on {state_dir}; stop it, or wait"
        ) from error
    finally:
        os.close(lock)
