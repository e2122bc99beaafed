"""The thresholds that hold now: the pack's at first, the gallery's own once it was calibrated."""

from __future__ import annotations

from dataclasses import replace

from edge.rules.identity import Thresholds


class CurrentThresholds:
    """One for all flows that decide; ``now`` is asked anew for each decision."""

    def __init__(self, first: Thresholds) -> None:
        self.now = first

    def name_from(self, score: float) -> None:
        """From this score on a member is named; what is relative to it moves along."""
        self.now = replace(self.now, score=score)
