"""From which score on is a member named, given the gallery as it is?

A stranger's top score is the best of as many comparisons as there are members. Each member,
searched against all *others*, is a stranger to them, so the gallery itself shows how high such
top scores get. The largest of N values follows, N being large, an extreme-value distribution:

    P(top ≤ t) = exp(−(1 + ξ·(t − μ)/σ)^(−1/ξ))

and FPIR(t) is what is missing to 1. Scores of different people are nearly normal, for which the
shape at finite N is ξ = −1/(2·ln N) (the penultimate approximation of Fisher and Tippett 1928;
Coles 2001, "An Introduction to Statistical Modeling of Extreme Values", ch. 3). Place and width
come from two quantiles, median and 90 %, which a few look-alikes cannot move far.

A gallery too small to say much leans on the pack's own figures (``models/manifest.toml``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

UPPER = 0.9
"""The second quantile: high enough for the tail, and of a few dozen scores not the highest."""
PRIOR_WEIGHT = 200
"""Members' top scores that the pack's own figures count as much as. A threshold from 90 members
alone is uncertain by 0.027 (standard deviation over random galleries), blended by 0.008."""
FEWEST = 30
"""A smaller gallery is treated as one of this size: what is rare among so few proves nothing."""
FURTHEST = 0.06
"""Least and greatest change of the pack's threshold by what a gallery says of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopScores:
    """How high strangers' top scores get: ``median`` and ``upper`` (90 %) in a gallery of
    ``members``; ``deviation`` is the standard deviation of the scores of different people."""

    members: int
    median: float
    upper: float
    deviation: float

    def at(self, members: int) -> tuple[float, float]:
        """Median and 90 % quantile for a gallery of another size.

        The best of N normal values lies near √(2·ln N) deviations, and the width of its
        distribution is as the inverse of that. With SFace it fits from 10 members to 250 within
        0.005.
        """
        here, there = (math.sqrt(2 * math.log(max(n, FEWEST))) for n in (self.members, members))
        median = self.median + self.deviation * (there - here)
        return median, median + (self.upper - self.median) * here / there


def prior_threshold(prior: TopScores, members: int, target_fpir: float) -> float:
    """The threshold of a gallery of which nothing but its size is known."""
    return _threshold(*prior.at(members), members, target_fpir)


def threshold(scores: Sequence[float], members: int, prior: TopScores, target_fpir: float) -> float:
    """The score above which a share of ``target_fpir`` of strangers would be named.

    ``scores`` are members' top scores among the *other* members, known look-alikes left out;
    there may be fewer of them than ``members``, or none. ``target_fpir`` lies in (0, 0.1].
    """
    expected = prior_threshold(prior, members, target_fpir)
    if not len(scores):
        return expected
    weight = len(scores) / (len(scores) + PRIOR_WEIGHT)
    seen = np.quantile(np.asarray(scores, float), [0.5, UPPER])
    median, upper = weight * seen + (1 - weight) * np.array(prior.at(members))
    found = _threshold(float(median), float(upper), members, target_fpir)
    return min(max(found, expected - FURTHEST), expected + FURTHEST)


def _threshold(median: float, upper: float, members: int, target_fpir: float) -> float:
    shape = -1.0 / (2.0 * math.log(max(members, FEWEST)))

    def standard(share: float) -> float:
        return float(((-math.log(share)) ** -shape - 1.0) / shape)

    width = (upper - median) / (standard(UPPER) - standard(0.5))
    return median + width * (standard(1.0 - target_fpir) - standard(0.5))
