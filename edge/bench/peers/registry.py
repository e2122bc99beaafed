"""The peers by the names that the command line knows them by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from edge.bench.peers import insightface, plain
from edge.bench.peers.peer import Peer, Setting
from edge.errors import ConfigError

Opening = Callable[[Setting, Path, Sequence[str]], AbstractContextManager[Peer]]

_OPENINGS: dict[str, tuple[str, Opening]] = {
    "insightface": (insightface.PACK, insightface.opened),
    "plain": (plain.PACK, plain.opened),
}
PEERS = tuple(_OPENINGS)


def opened(
    name: str, setting: Setting, models_dir: Path, accepted_licences: Sequence[str] = ()
) -> AbstractContextManager[Peer]:
    """A peer ready to be asked within the block; its files must have been fetched.

    Raises ``ConfigError`` for a name that is not there, ``ModelError`` for files or licence.
    """
    return _entry(name)[1](setting, models_dir, accepted_licences)


def pack_of(name: str) -> str:
    """The model pack whose files a peer runs on. Raises ``ConfigError``."""
    return _entry(name)[0]


def _entry(name: str) -> tuple[str, Opening]:
    if name not in _OPENINGS:
        raise ConfigError(f"there is no peer {name!r}; choose one of {', '.join(PEERS)}")
    return _OPENINGS[name]
