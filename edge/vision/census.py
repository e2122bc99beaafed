"""The gallery searched against itself: how strangers would score, and who looks like whom.

Every member is a stranger to all the others. The census takes a little of each turn of the
inference thread, begins anew when the gallery has changed, and keeps nothing but scores.
"""

from __future__ import annotations

import time

from edge.rules.calibration import TopScores, prior_threshold, threshold
from edge.rules.identity import Thresholds
from edge.vision.gallery import Gallery
from edge.vision.link import Calibrated

SETTLED_S = 2.0
"""So long nothing must have changed: whoever enrolls sends several photos."""
SEARCHED = 2000
"""Members searched at most, evenly spread; a larger gallery's pairs are found in part."""
TURN_S = 0.002
"""Time taken of a turn; a search under way is finished, which takes 10 ms among a million."""
OTHERS = 5
"""Nearest other members looked at for each."""


class Census:
    """One gallery's calibration; ``given`` is the threshold where the configuration names one."""

    def __init__(
        self, gallery: Gallery, expected: TopScores, target_fpir: float, given: float | None
    ) -> None:
        self._gallery = gallery
        self._expected = expected
        self._target_fpir = target_fpir
        self._given = given
        self._due_s: float | None = None
        self._waiting: list[str] = []
        self._tops: list[float] = []
        self._pairs: dict[tuple[str, str], float] = {}

    def changed(self, at_s: float) -> None:
        """The gallery is another one now; what was found so far no longer counts."""
        self._due_s = at_s + SETTLED_S
        self._waiting.clear()

    def turn(self, at_s: float) -> Calibrated | None:
        """Go on for a moment; the answer when all are searched."""
        if self._due_s is None or at_s < self._due_s:
            return None
        if not self._waiting:
            self._begin()
        until_s = time.monotonic() + TURN_S
        while self._waiting:
            self._search(self._waiting.pop())
            if time.monotonic() >= until_s and self._waiting:
                return None
        self._due_s = None
        return self._answer()

    def _begin(self) -> None:
        members = self._gallery.members
        self._waiting = list(members[:: max(1, -(-len(members) // SEARCHED))])
        self._tops.clear()
        self._pairs.clear()

    def _search(self, member_id: str) -> None:
        """A member among the others. Who is likelier their double than a stranger is left out."""
        others = self._gallery.others(member_id, OTHERS)
        alike = Thresholds(score=self._expected_score).look_alike
        for other in others:
            one, two = sorted((member_id, other.member_id))
            self._pairs[one, two] = other.score
        strangers = [other.score for other in others if other.score < alike]
        self._tops.extend(strangers[:1])

    @property
    def _expected_score(self) -> float:
        return prior_threshold(self._expected, len(self._gallery), self._target_fpir)

    def _answer(self) -> Calibrated:
        score = self._given
        if score is None:
            size = len(self._gallery)
            score = threshold(self._tops, size, self._expected, self._target_fpir)
        alike = Thresholds(score=score).look_alike
        return Calibrated(
            threshold=score,
            members=len(self._gallery),
            look_alikes=sorted(pair for pair, near in self._pairs.items() if near >= alike),
        )
