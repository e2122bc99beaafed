"""Processes that are to be killed, forked in no time by ``apart.py``."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
WITHIN_S = 120.0
"""How long an event that must come may take on a busy machine."""
LOOK_EVERY_S = 0.01


async def until(what: str, came: Any) -> Any:
    """Wait until ``came()`` gives something; fails by name where it does not."""
    with suppress(TimeoutError):
        async with asyncio.timeout(WITHIN_S):
            while True:
                found = came()
                if asyncio.iscoroutine(found):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(LOOK_EVERY_S)
    raise AssertionError(f"{what} did not come")


class Nursery:
    """Forks jobs and knows how each ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._one_at_a_time = threading.Lock()

    def start(self, job: str, network: str | None = None, **given: object) -> Job:
        pid = self._ask({"job": job, "network": network, "given": given})
        return Job(self, pid, job)

    def ended(self, pid: int) -> int | None:
        return self._ask({"pid": pid})

    def _ask(self, question: dict[str, object]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one_at_a_time:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


@dataclass
class Job:
    """A forked process."""

    nursery: Nursery
    pid: int
    args: str
    code: int | None = None

    def poll(self) -> int | None:
        """How it ended, negative for a signal; None while it lives.

        Whether it lives the kernel says at once. The nursery may have to wait for a processor
        before it answers, and whoever looks again and again would hold an event loop meanwhile.
        """
        if self.code is None and _has_ended(self.pid):
            self.code = self.nursery.ended(self.pid)
        return self.code

    def alive(self) -> bool:
        return self.poll() is None

    async def end(self) -> int:
        """Wait for its end; how it ended, negative for a signal."""
        await until("the end of a process", lambda: not self.alive())
        assert self.code is not None
        return self.code

    async def kill(self) -> None:
        """``kill -9``, unless it has ended."""
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
            await self.end()

    def kill_and_wait(self) -> None:
        """The same where nothing else is to go on."""
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
            while self.alive():
                time.sleep(LOOK_EVERY_S)


def _has_ended(pid: int) -> bool:
    """Whether a child of the nursery waits to be buried; it keeps its number until then."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"


@contextmanager
def open_nursery() -> Iterator[Nursery]:
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("apart.py"))],
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()  # what it says once it can fork
        yield Nursery(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
