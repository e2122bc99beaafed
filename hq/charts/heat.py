"""A field of squares, the darker the more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from hq.cells import Share
from hq.charts.scale import shade
from hq.charts.svg import element, picture

SIDE = 20.0
GAP = 2.0


class Square(NamedTuple):
    """``value`` sets the shade: a number from 0, ``FEW``, or None where nothing can be."""

    value: Share
    tip: str


def heat(rows: Sequence[Sequence[Square]], label: str) -> Markup:
    """Rows of squares, shaded from the lowest to the highest of ``ends(rows)``."""
    marks = [
        _mark(square, x, y, *ends(rows))
        for y, row in enumerate(rows)
        for x, square in enumerate(row)
        if square.value is not None
    ]
    width = max((len(row) for row in rows), default=0) or 1
    return picture(width * SIDE, (len(rows) or 1) * SIDE, label, "heat", marks)


def ends(rows: Sequence[Sequence[Square]]) -> tuple[float, float]:
    """The lowest value above nothing, and the highest."""
    numbers = [s.value for row in rows for s in row if isinstance(s.value, int | float)]
    return min((n for n in numbers if n > 0), default=0.0), max(numbers, default=0.0)


def _mark(square: Square, x: int, y: int, lowest: float, highest: float) -> Markup:
    kind = "few"
    if isinstance(square.value, int | float):
        kind = f"shade-{shade(float(square.value), lowest, highest)}"
    return element(
        "rect",
        x=x * SIDE + GAP / 2,
        y=y * SIDE + GAP / 2,
        width=SIDE - GAP,
        height=SIDE - GAP,
        class_=kind,
        data_tip=square.tip,
    )
