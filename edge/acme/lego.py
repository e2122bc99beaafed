"""lego as a child process: it speaks ACME to the authority, and to a hundred DNS services.

It keeps its account and the certificates below a folder of its own; the key of one is handed on
and erased there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge import durable
from edge.errors import CertificateFailed

WITHIN_S = 1200
"""Some DNS services take a quarter of an hour until all of their servers show a record."""
SHORTEST_SECRET = 4
LONGEST = 300
_STAMP = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", re.MULTILINE)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of whom. ``provider`` is lego's code of the DNS service."""

    name: str
    email: str
    directory: str
    provider: str
    check_dns: bool


def program() -> str:
    """Where lego is. Raises ``CertificateFailed`` where it is not."""
    found = shutil.which("lego")
    if found is None:
        raise CertificateFailed("lego is missing; run: sudo apt-get install lego")
    return found


def obtain(order: Order, folder: Path, secrets: Mapping[str, str]) -> bytes:
    """A new key with its certificate chain (PEM). Blocks for minutes.

    ``secrets`` are the DNS service's, by the names that lego gives them. Raises
    ``CertificateFailed``; what was there before stays.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    asked = [
        *(program(), "--accept-tos", "--path", str(folder), "--server", order.directory),
        *("--email", order.email, "--dns", order.provider, "--domains", order.name),
        *([] if order.check_dns else ["--dns.disable-cp"]),
        "run",
    ]
    passed = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR")}
    try:
        ended = subprocess.run(
            asked,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**passed, **secrets},
            timeout=WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CertificateFailed(
            "lego did not end within twenty minutes; it is tried again"
        ) from error
    if ended.returncode:
        raise CertificateFailed(_reason(ended.stdout.decode(errors="replace"), secrets))
    key, chain = (folder / "certificates" / f"{order.name}.{part}" for part in ("key", "crt"))
    obtained = key.read_bytes() + chain.read_bytes()
    durable.erase(key)
    return obtained


def _reason(said: str, secrets: Mapping[str, str]) -> str:
    """Its last entry as one line, without anything that opens the DNS service.

    An entry may quote a whole page of somebody's server.
    """
    last = " ".join(_TAG.sub(" ", _STAMP.split(said)[-1]).split())
    for secret in secrets.values():
        if len(secret) >= SHORTEST_SECRET:
            last = last.replace(secret, "[struck out]")
    return (
        f"lego says: {last[:LONGEST]}; the certificate that is there goes on, and it is tried again"
    )
