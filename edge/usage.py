"""What this process takes of the machine, asked of the kernel (Linux)."""

from __future__ import annotations

import os
import time
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cpu_s() -> float:
    """Processor seconds of all threads of this process since it began, user and system."""
    return time.process_time()


def rss_bytes() -> int:
    """Resident memory, pages shared with other processes included: proc(5), ``statm``."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES


def cores() -> int:
    """Processor cores that this process may run on."""
    return len(os.sched_getaffinity(0))


def memory_bytes() -> int:
    """The machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * _PAGE_BYTES
