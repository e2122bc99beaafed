"""What is plugged into a machine while it runs, by qemu's own protocol (QMP)."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def plugged_in(line: Path, file: Path, patience_s: float) -> Iterator[None]:
    """A USB stick with what stands in the file, plugged in while the context lasts."""
    block = {"driver": "file", "node-name": "stick", "filename": str(file)}
    device = {"driver": "usb-storage", "id": "stick", "drive": "stick", "removable": True}
    for command, arguments in ("blockdev-add", block), ("device_add", device):
        said = tell(line, command, arguments, patience_s)
        assert said is None, said
    yield
    tell(line, "device_del", {"id": "stick"}, patience_s)
    deadline = time.monotonic() + patience_s
    while (said := tell(line, "blockdev-del", {"node-name": "stick"}, patience_s)) is not None:
        assert time.monotonic() < deadline, said
        time.sleep(0.2)


def tell(line: Path, command: str, arguments: dict[str, Any], patience_s: float) -> str | None:
    """Tell the machine whose monitor listens on ``line``; what it says against it, or None."""
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(patience_s)
        door.connect(str(line))
        with door.makefile("r", encoding="utf-8") as heard:
            heard.readline()  # its greeting
            answer: dict[str, Any] = {}
            for order, details in ("qmp_capabilities", {}), (command, arguments):
                door.sendall(json.dumps({"execute": order, "arguments": details}).encode())
                answer = json.loads(heard.readline())
                while not answer.keys() & {"return", "error"}:
                    answer = json.loads(heard.readline())  # news of something else
    error = answer.get("error")
    return None if error is None else str(error["desc"])
