"""From values to places: where an axis ends, and which shade a value has."""

from __future__ import annotations

from math import ceil, floor, log10

SHADES = 8
LEAST = 1e-6  # no count and no share that anyone looks at is smaller


def top(highest: float) -> float:
    """The round number at or above ``highest`` where an axis ends; 1 where there is nothing."""
    if highest < LEAST:
        return 1.0
    size = 10.0 ** floor(log10(highest))
    for step in (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0):
        if step * size >= highest * (1 - 1e-9):
            return step * size
    raise AssertionError("ten times the size is above every number of that size")


def steps(end: float) -> tuple[float, float, float]:
    """The values written beside an axis that ends at ``end``: its foot, its middle and its end."""
    return 0.0, end / 2, end


def shade(value: float, lowest: float, highest: float) -> int:
    """0 for nothing, else 1..``SHADES``, growing from the lowest value to the highest."""
    if value <= 0:
        return 0
    span = highest - lowest
    part = (value - lowest) / span if span > LEAST else 1.0
    return min(SHADES, max(1, ceil(part * SHADES)))
