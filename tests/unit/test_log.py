"""The log may lose a line; it may not stop the work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

STORY = """\
import structlog
from edge.log import configure
configure()
structlog.get_logger().info("before")
print("went on")
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which Linux has")
def test_a_log_on_a_full_disk_does_not_stop_the_work() -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123  a device, not a path
        done = subprocess.run(
            [sys.executable, "-c", STORY],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stdout == "went on\n"


def test_a_line_reaches_standard_error() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORY], capture_output=True, text=True, timeout=60, check=True
    )
    assert '"event": "before"' in done.stderr
