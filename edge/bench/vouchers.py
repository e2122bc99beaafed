"""``regulars bench vouchers``: issued and verified, then redeemed durably through the API."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.bench.issuing import issue_and_verify
from edge.bench.redeeming import redeem

Report = Callable[[str, int, int], None]

REDEEMED = 10_000
"""Codes that are redeemed: as many as a busy hour of a large store."""


async def run(codes: int, report: Report) -> dict[str, Any]:
    """The result as one JSON object."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        issued = await issue_and_verify(Path(folder), codes, report)
        redeemed = await redeem(Path(folder), min(codes, REDEEMED), report)
    return {"codes": codes, **issued, **redeemed}
