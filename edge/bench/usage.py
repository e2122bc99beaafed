"""What a gateway and its vision process take of the machine."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds of a process and all below it since they began, and resident bytes.

    Pages that processes share are counted for each, so the sum is an upper bound.
    """

    at_s: float
    cpu_s: float
    rss_bytes: int

    def cores_since(self, earlier: Usage) -> float:
        """Processor cores taken on average between two readings."""
        return (self.cpu_s - earlier.cpu_s) / (self.at_s - earlier.at_s)


def usage(pid: int) -> Usage:
    """Read the counters of a process tree now."""
    root = psutil.Process(pid)
    cpu_s, rss_bytes = 0.0, 0
    for process in (root, *root.children(recursive=True)):
        try:
            times, memory = process.cpu_times(), process.memory_info()
        except psutil.NoSuchProcess:
            continue
        cpu_s += times.user + times.system
        rss_bytes += memory.rss
    return Usage(time.monotonic(), cpu_s, rss_bytes)
