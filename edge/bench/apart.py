"""Work in a process of its own, on given cores: what it takes is then nobody else's.

Processor time is the kernel's account of that process and of what it started (getrusage(2)), so
that threads of any library count, whether they compute or spin.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from edge import usage
from edge.errors import EdgeError

Job = TypeVar("Job")
Result = TypeVar("Result")
Tell = Callable[[int, int], None]
"""Told how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Processor seconds between two readings, and resident megabytes at each."""

    cpu_s: float
    rss_mb_start: float
    rss_mb_end: float


class Meter:
    """Reads what this process takes, from now on."""

    def __init__(self) -> None:
        self._rss_mb = usage.rss_bytes() / 1e6
        self._cpu_s = cpu_s()

    def read(self) -> Taken:
        """What was taken since the meter was made."""
        return Taken(cpu_s() - self._cpu_s, self._rss_mb, usage.rss_bytes() / 1e6)


def cpu_s() -> float:
    """Processor seconds of this process, its threads and its ended children, user and system."""
    accounts = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(account.ru_utime + account.ru_stime for account in accounts)


def apart(
    work: Callable[[Job, Tell], Result], job: Job, cores: Collection[int], tell: Tell
) -> Result:
    """Do ``work`` in a fresh process that runs on ``cores`` only, and give its result.

    ``work`` is a module's own function; job and result can be pickled. Raises the ``EdgeError``
    that it raised, ``RuntimeError`` if the process ended otherwise.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(work, job, frozenset(cores), theirs))
    with _no_script():
        process.start()
    theirs.close()
    try:
        with closing(ours):
            result: Result = _last_word(ours, tell)
            return result
    except EOFError:
        process.join()
        raise RuntimeError(f"a benchmark's process ended with {process.exitcode}") from None
    finally:
        process.kill()
        process.join()


@contextmanager
def _no_script() -> Iterator[None]:
    """Keep a process that starts from importing our script, the command line, before its work."""
    script = vars(sys.modules["__main__"])
    path = script.pop("__file__", None)
    try:
        yield
    finally:
        if path is not None:
            script["__file__"] = path


def _last_word(ours: Connection, tell: Tell) -> Any:
    while isinstance(said := ours.recv(), _Progress):
        tell(said.done, said.total)
    if isinstance(said, EdgeError):
        raise said
    return said


@dataclass(frozen=True, slots=True)
class _Progress:
    done: int
    total: int


def _serve(
    work: Callable[[Job, Tell], Result], job: Job, cores: frozenset[int], theirs: Connection
) -> None:
    os.sched_setaffinity(0, cores)
    try:
        theirs.send(work(job, lambda done, total: theirs.send(_Progress(done, total))))
    except EdgeError as error:
        theirs.send(error)
