"""A batch as CSV, made by every core, and taken up again where it broke off.

The lines of a batch are always the same, so a file that was torn is cut after its last whole
line and goes on from there. It bears its name only once all of it is on the disk.
"""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

from edge import durable
from edge.rules.digits import grouped
from edge.rules.issuing import Press, codes

CHUNK = 5_000
AHEAD = 2
"""Chunks that each process may be ahead of the file: the queue's bound; whoever is, waits."""

HEADER = "voucher_id,digits,code,channel,member_id\r\n"
Report = Callable[[int, int], None]


def write(press: Press, path: Path, report: Report, *, processes: int | None = None) -> None:
    """Write all codes of a batch; ``report`` is told how many are written, and of how many."""
    part = path.with_name(f"{path.name}.{press.batch.id}.part")
    with _opened(part) as file:
        done = _whole_lines(file)
        if done is None:
            file.write(HEADER.encode())
        for lines in _made(press, done or 0, processes or os.cpu_count() or 1):
            file.write(lines.encode())
            done = min((done or 0) + CHUNK, press.batch.count)
            report(done, press.batch.count)
    durable.move(part, path)


def _opened(part: Path) -> io.BufferedRandom:
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    return os.fdopen(descriptor, "r+b")


def _whole_lines(file: io.BufferedRandom) -> int | None:
    """Cut a torn line off and stand at the end; how many codes are there, None for no header."""
    lines, end = 0, 0
    for line in file:
        if line.endswith(b"\r\n"):
            lines, end = lines + 1, end + len(line)
    file.seek(end)
    file.truncate()
    return lines - 1 if lines else None


def _made(press: Press, start: int, processes: int) -> Iterator[str]:
    """The lines from an index on, a chunk at a time, in order."""
    starts = range(start, press.batch.count, CHUNK)
    if len(starts) <= 1 or processes == 1:
        yield from (lines_of(press, at) for at in starts)
        return
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, spawning, _end_with_parent) as pool:
        ahead: deque[Future[str]] = deque()
        for at in starts:
            ahead.append(pool.submit(lines_of, press, at))
            if len(ahead) > AHEAD * processes:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _end_with_parent() -> None:
    """No process is left behind with a key in its memory, however the parent ended."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def lines_of(press: Press, start: int) -> str:
    """One chunk."""
    text = io.StringIO()
    rows = csv.writer(text)
    for code in codes(press, start, min(start + CHUNK, press.batch.count)):
        rows.writerow(
            (
                code.voucher_id,
                grouped(code.digits),
                code.text,
                press.batch.channel,
                code.member_id or "",
            )
        )
    return text.getvalue()
