"""Writes what is decided about a shop into its configuration, whole or not at all.

The settings go into the text that a technician may have written, comments kept, and the result
takes the file's place in one step: whatever happens, power cuts included, the file is the old one
or the new one. What cannot be used is refused, and the old file stays byte for byte.

Blocks; an event loop calls it in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from edge import durable
from edge.config import Config, parse
from edge.config.reading import load, text_of
from edge.config.writing import rewritten
from edge.domain import Setup
from edge.errors import ConfigError
from edge.rules.setup import tables_of


def set_up(
    path: Path, setup: Setup, usable: Callable[[Config], None] = lambda config: None
) -> Config:
    """Write these settings into the configuration at ``path``; returns it as it now is.

    ``path`` may be a link: the file it leads to is replaced. Writers take turns. Raises
    ``ConfigError`` where the old file or the new one cannot be used, or nothing can be written;
    and what ``usable`` raises, which is asked about the new one before it is written.
    """
    place = path.resolve()
    with ExitStack() as alone:
        with _writable(place):
            put = alone.enter_context(durable.alone(place))
        load(place)
        before = text_of(place)
        after = rewritten(before, tables_of(setup))
        config = parse(after, origin=str(path))
        if after != before:
            usable(config)
            with _writable(place):
                put(after.encode(), durable.PRIVATE)
    return config


@contextmanager
def _writable(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"{place}: cannot be written ({error.strerror}); change it by hand, or make room and "
            "let the gateway's user write its folder"
        ) from error
