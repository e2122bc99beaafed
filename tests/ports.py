"""Ports for servers whose address must be known before they start, or must stay the same."""

from __future__ import annotations

import itertools
import os
import random
import socket
from pathlib import Path

_LOCAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_SPREAD = 12_000
_WORKERS = 16


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has, and that nobody gets by asking the kernel for any.

    Those that the kernel gives away lie above. Each worker of a run has ports of its own, and
    none comes twice before all came once.
    """
    return next(_free)


def _ports() -> range:
    first_given_away = int(_LOCAL_RANGE.read_text().split()[0])
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    share = _SPREAD // _WORKERS
    start = first_given_away - _SPREAD + worker * share
    return range(start, start + share)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_mine = _ports()
_shift = random.randrange(len(_mine))  # another run on this machine begins elsewhere
_free = filter(_is_free, itertools.cycle([*_mine[_shift:], *_mine[:_shift]]))
