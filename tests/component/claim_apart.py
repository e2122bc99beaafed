"""Uses claims in forked processes, each killed one step later than the one before.

A step is a change of a file or the call to headquarters, as the interpreter's audit hook tells it.
``python claim_apart.py FOLDER``: FOLDER holds a claim for each step, which a new machine uses; the
output is how many steps there were.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

from component.claim_machines import Machine, utc_now

from edge.app.admission import admission
from edge.flows.kept_claim import Paper

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "socket.connect"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def killed_at(step: int) -> None:
    """End this process with SIGKILL when it is about to take its ``step``-th step."""
    left = [step]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CHANGES or (event == "open" and arguments[2] & WRITES):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1

    sys.addaudithook(hook)


async def nobody(_: Paper) -> None:
    raise AssertionError("no claim here came with a page")


def become(machine: Machine, claim: bytes) -> None:
    """Go on from wherever the machine is, as a technician and the next start do."""
    story = admission(machine.file, utc_now)
    if machine.config.headquarters.url is None:
        if machine.kept.file() is None:
            machine.take_in(claim)
        asyncio.run(story.pursue())
    asyncio.run(story.settle(nobody))


def forked(machine: Machine, claim: bytes, step: int | None) -> int:
    """How a process ended that used the claim."""
    pid = os.fork()
    if pid == 0:
        if step is not None:
            killed_at(step)
        become(machine, claim)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def main(folder: Path) -> None:
    for step, file in enumerate(sorted(folder.glob("*.toml"))):
        machine, claim = Machine.new(folder / file.stem), file.read_bytes()
        code = forked(machine, claim, step)
        if code == 0:
            print(step)  # noqa: T201, the answer
            return
        assert code == -signal.SIGKILL, code
        assert forked(machine, claim, None) == 0, step
        assert machine.config.store.id == file.stem
        assert not machine.kept.folder.exists(), step
    raise AssertionError("more steps than claims")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
