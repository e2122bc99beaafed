"""``regulars bench vouchers``: redeemed durably through the API, none lost and none doubled."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.bench.redeeming import redeem

Report = Callable[[str, int, int], None]

REDEEMED = 10_000
"""Codes that are redeemed: as many as a busy hour of a large store."""


async def run(codes: int, report: Report) -> dict[str, Any]:
    """The result as one JSON object."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        redeemed = await redeem(Path(folder), min(codes, REDEEMED), report)
    return {"codes": codes, **redeemed}
