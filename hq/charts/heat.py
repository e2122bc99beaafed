"""A field of squares, the darker the more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from hq.cells import FEW, Share
from hq.charts.scale import shade
from hq.charts.svg import element, picture

SIDE = 20.0
GAP = 2.0


class Square(NamedTuple):
    """``value`` sets the shade: a number from 0, ``FEW``, or None where nothing can be."""

    value: Share
    tip: str


def heat(rows: Sequence[Sequence[Square]], label: str) -> Markup:
    """Rows of squares, shaded against the highest of all. Rows may be of different lengths."""
    numbers = [s.value for row in rows for s in row if isinstance(s.value, int | float)]
    highest = max(numbers, default=0.0)
    marks = [
        _mark(square, x, y, highest)
        for y, row in enumerate(rows)
        for x, square in enumerate(row)
        if square.value is not None
    ]
    width = max((len(row) for row in rows), default=0) or 1
    return picture(width * SIDE, (len(rows) or 1) * SIDE, label, "heat", marks)


def _mark(square: Square, x: int, y: int, highest: float) -> Markup:
    few = square.value is FEW or not isinstance(square.value, int | float)
    kind = "few" if few else f"shade-{shade(float(square.value), highest)}"  # type: ignore[arg-type]
    return element(
        "rect",
        x=x * SIDE + GAP / 2,
        y=y * SIDE + GAP / 2,
        width=SIDE - GAP,
        height=SIDE - GAP,
        class_=kind,
        data_tip=square.tip,
    )
