"""What the tests let a benchmark's own process do. A module, because that process imports it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

from edge.bench.apart import Meter, Taken, Tell
from edge.errors import ConfigError

BUSY = "import time\nwhile time.process_time() < {seconds}: pass"


def where_it_runs(job: None, tell: Tell) -> tuple[int, set[int]]:
    return os.getpid(), os.sched_getaffinity(0)


def tell_and_answer(job: str, tell: Tell) -> str:
    for done in range(3):
        tell(done, 3)
    return job.upper()


def refuse(job: str, tell: Tell) -> None:
    raise ConfigError(job)


def die(status: int, tell: Tell) -> None:
    os._exit(status)


def keep_threads_busy(seconds: float, tell: Tell) -> Taken:
    """Two threads that each take so much processor time; the main one took more before."""
    burn(3 * seconds)
    meter = Meter()
    threads = [threading.Thread(target=burn, args=(seconds,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return meter.read()


def keep_a_child_busy(seconds: float, tell: Tell) -> Taken:
    meter = Meter()
    subprocess.run([sys.executable, "-c", BUSY.format(seconds=seconds)], check=True)
    return meter.read()


def grow(megabytes: int, tell: Tell) -> Taken:
    meter = Meter()
    held = b"x" * (megabytes * 1_000_000)
    taken = meter.read()
    assert held
    return taken


def burn(seconds: float) -> None:
    began_s = time.thread_time()
    while time.thread_time() - began_s < seconds:
        pass
