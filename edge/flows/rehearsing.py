"""What an update asks of the shop's data, as the gateway's own user: whether the release before
could go on with what the next makes of them, and a copy to go back to where it could not.

The copy is of the database alone. Keys stay as they are and decide who may be recognised, so that
nobody who withdrew meanwhile comes back with it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.flows.staging import Busy, Rehearsed
from edge.rules.growth import breaks
from edge.store import census, snapshot
from edge.store.migrating import try_on

TOLD = ("visits", "redemptions", "sales", "members", "audit")
"""What people did that a copy put back does not know, by table."""


def rehearse(state_dir: Path) -> Rehearsed:
    """Migrate a copy of the data, and drop it. Raises ``StoreUnavailable``."""
    if not (state_dir / snapshot.DATA).exists():
        return Rehearsed(breaks=[])
    with _fresh(state_dir / "update-rehearsal") as folder:
        snapshot.take_data(state_dir, folder)
        before, after = try_on(folder / snapshot.DATA)
        snapshot.sound(folder / snapshot.DATA)
        return Rehearsed(breaks=breaks(before, after))


def busy(state_dir: Path) -> Busy:
    """Who would be cut off now, and what headquarters wants. Raises ``StoreUnavailable``."""
    data = state_dir / snapshot.DATA
    if not data.exists():
        return Busy(reserved=0)
    return Busy(reserved=census.reservations(data), wanted=census.wanted_release(data))


def hold(state_dir: Path) -> None:
    """Keep a copy of the data, which nobody uses meanwhile. Raises ``StoreUnavailable``."""
    let_go(state_dir)
    _held(state_dir).mkdir(mode=0o700)
    snapshot.take_data(state_dir, _held(state_dir))


def let_go(state_dir: Path) -> None:
    """The copy goes, if there is one."""
    for name in ("update-rehearsal", "update-held"):
        shutil.rmtree(state_dir / name, ignore_errors=True)


def put_back(state_dir: Path) -> str:
    """Put the copy in the place of the data, once; what the copy does not know, in a sentence.

    The data that were here lie beside as ``regulars.db.before``.
    """
    held = _held(state_dir)
    if not (held / snapshot.DATA).exists():
        return "the data are those of before the update"
    came = _came_since(held / snapshot.DATA, state_dir / snapshot.DATA)
    snapshot.put_back(held, state_dir)
    held.rmdir()
    told = ", ".join(f"{count} {table}" for table, count in came.items() if count)
    if not told:
        return "the data are those of before the update; nothing had come since"
    return f"what came since the switch ({told}) lies in {state_dir / snapshot.DATA}.before"


def _came_since(held: Path, present: Path) -> dict[str, int]:
    """Rows by table that are there now and were not."""
    then, now = census.rows(held, TOLD), census.rows(present, TOLD)
    return {name: max(0, now[name] - then[name]) for name in TOLD}


def _held(state_dir: Path) -> Path:
    return state_dir / "update-held"


@contextmanager
def _fresh(folder: Path) -> Iterator[Path]:
    """An empty folder for nobody else's eyes, gone afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
