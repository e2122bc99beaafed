"""Differential privacy for the sums of a day: noise on every quarter, and a budget that ends.

Told is one vector of whole numbers with discrete Laplace noise (Ghosh, Roughgarden and
Sundararajan, 2009), made by ``opendp``. Somebody's stay changes five of them by one at most: they
come in, are known or are not, stay so long, buy, and go out. A day's quarters are disjoint, so
that telling them all costs a stay no more than telling its own. Hours and days are sums of what was
told, and cost nothing; whoever corrects a day pays again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from edge.errors import ConfigError
from edge.rules.footfall.tally import RECOGNISED, TAPPED, UNPLACED, Counted, Tally

CHANGED_BY_A_STAY = 5
Mechanism = Callable[[list[int]], list[int]]


class Noise:
    """Noise that costs ``epsilon_per_issue`` each time a day is told, ``epsilon_per_day`` at most.

    Raises ``ConfigError`` where ``opendp`` is not installed. Blocks while it is loaded.
    """

    def __init__(self, *, epsilon_per_issue: float, epsilon_per_day: float) -> None:
        self.cost_millis = math.ceil(epsilon_per_issue * 1000)
        self._most_millis = math.floor(epsilon_per_day * 1000)
        self._add = _mechanism(epsilon_per_issue)

    def affords(self, spent_millis: int) -> bool:
        """Whether a day on which so much was spent may be told once more."""
        return spent_millis + self.cost_millis <= self._most_millis

    def over(self, tally: Tally) -> Tally:
        """The tally as it may be told. Visits are told by kind and not by zone, and without the
        times to a greeting: these would cost more.
        """
        kinds = {name: self._over(counts) for name, counts in tally.kinds.items()}
        arrivals = [kinds[name] for name in (*RECOGNISED, *TAPPED)]
        return Tally(
            traffic_in={zone: self._counted(told) for zone, told in tally.traffic_in.items()},
            traffic_out={zone: self._counted(told) for zone, told in tally.traffic_out.items()},
            visits={UNPLACED: [sum(column) for column in zip(*arrivals, strict=True)]},
            kinds=kinds,
            greetings_s=[()] * len(arrivals[0]),
            sales=None if tally.sales is None else self._counted(tally.sales),
        )

    def _counted(self, counted: Counted) -> Counted:
        noisy = self._over(counted.counts)
        counts = (n if number in counted.measured else 0 for number, n in enumerate(noisy))
        return replace(counted, counts=tuple(counts))

    def _over(self, counts: Sequence[int]) -> list[int]:
        return self._add(list(counts))


def _mechanism(epsilon: float) -> Mechanism:
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise ConfigError(
            "footfall.privacy: differential needs opendp; install requirements/privacy.txt, "
            'or use privacy = "suppression"'
        ) from error
    dp.enable_features("contrib")
    measurement = dp.m.make_laplace(
        dp.vector_domain(dp.atom_domain(T=int)),
        dp.l1_distance(T=int),
        scale=CHANGED_BY_A_STAY / epsilon,
    )
    return cast(Mechanism, measurement)
