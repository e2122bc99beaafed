"""How long whoever waits has to wait."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence


class Waits:
    """Milliseconds of requests, by kind; the view of a card is written down, a read is not."""

    def __init__(self) -> None:
        self.of: defaultdict[str, list[float]] = defaultdict(list)

    def summary(self) -> dict[str, dict[str, float]]:
        return {kind: quantiles(ms) for kind, ms in self.of.items()}


def quantiles(ms: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile (the least value that 95 % do not exceed) and most."""
    ordered = sorted(ms)
    return {
        "ms_p50": round(statistics.median(ordered), 1),
        "ms_p95": round(ordered[math.ceil(0.95 * len(ordered)) - 1], 1),
        "ms_max": round(ordered[-1], 1),
    }
