"""How the workers of a run share its tests, and what only one of them may do at a time."""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

CAMERAS = "cameras"
TOGETHER = {
    # stands on one installed Debian, which takes minutes to make
    "machines": ("tests/provisioning/",),
    # ask the network for cameras, and would find those of one another
    CAMERAS: (
        "tests/e2e/test_setup_",
        "tests/component/test_first_run.py",
        "tests/component/test_onvif.py",
    ),
}
"""How the names begin of what one worker runs."""
LONGEST_FIRST = ("provisioning", "faults", "updates", "e2e", "component", "unit")


class ByFile(LoadScopeScheduling):
    """Gives each worker a file at a time, because much is made once for a file."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """What a test goes to a worker with: a file, or what ``TOGETHER`` names."""
    together = (name for name, begins in TOGETHER.items() if nodeid.startswith(begins))
    return next(together, nodeid.partition("::")[0])


def longest_first(items: list[pytest.Item]) -> None:
    """Put what takes longest at the beginning, so that no worker is left with it at the end."""
    places = {folder: place for place, folder in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


@contextmanager
def alone(what: str) -> Iterator[None]:
    """Hold what this machine has only one of, against every worker and every other run."""
    with (Path(tempfile.gettempdir()) / f"regulars-tests-{what}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
