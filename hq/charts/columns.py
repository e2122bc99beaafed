"""Columns side by side: one part above another, or what came above what went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from hq.cells import LEAST, Cell
from hq.charts.scale import top
from hq.charts.svg import element, picture

WIDTH = 20.0
THICK = 14.0
HEIGHT = 100.0
LEAST_BELOW = 0.12  # of the part above: room for a stub
STUB = 5.0  # what is too small to show is drawn this high, in its own pattern


class Column(NamedTuple):
    """``parts`` from the foot up; None where nothing is known. ``strong`` marks one of them."""

    parts: tuple[Cell, ...]
    tip: str
    strong: bool = False


def columns(of: Sequence[Column], label: str) -> Markup:
    """Columns on a common foot; the axis ends at ``end_of(of)``."""
    end = end_of(of)
    marks = [mark for place, column in enumerate(of) for mark in _stack(column, place, end)]
    return picture(max(len(of), 1) * WIDTH, HEIGHT, label, "columns", marks)


def end_of(of: Sequence[Column]) -> float:
    """Where the axis of these columns ends."""
    return top(max((_height(column.parts) for column in of), default=0) or LEAST)


def mirrored(
    above: Sequence[Cell], below: Sequence[Cell], tips: Sequence[str], label: str
) -> Markup:
    """What came stands above the line and what went hangs below it, on one scale."""
    most, least = mirrored_ends(above, below)
    whole = most + least
    line_y = most / whole * HEIGHT
    marks: list[Markup] = []
    for place, (up, down, tip) in enumerate(zip(above, below, tips, strict=True)):
        rise, fall = (_length(value, whole, HEIGHT) for value in (up, down))
        marks.append(_hit(place, tip))
        marks.append(_bar(place, max(line_y - rise, 0.0), rise, _kind(up, "part-1")))
        marks.append(_bar(place, min(line_y, HEIGHT - fall), fall, _kind(down, "part-2")))
    width = max(len(tips), 1) * WIDTH
    line = element("line", x1=0.0, y1=line_y, x2=width, y2=line_y, class_="foot")
    return picture(width, HEIGHT, label, "columns mirrored", [*marks, line])


def mirrored_ends(above: Sequence[Cell], below: Sequence[Cell]) -> tuple[float, float]:
    """Where the axis ends, above and below its line."""
    up, down = (top(max(map(_number, side), default=0) or LEAST) for side in (above, below))
    return up, max(down, up * LEAST_BELOW)


def _stack(column: Column, place: int, end: float) -> list[Markup]:
    marks, foot = [_hit(place, column.tip)], HEIGHT
    for number, part in enumerate(column.parts, start=1):
        length = _length(part, end, HEIGHT)
        foot = max(foot - length, 0.0)  # a stub on a column as high as the axis lies over it
        kind = _kind(part, f"part-{number}")
        marks.append(_bar(place, foot, length, f"{kind} strong" if column.strong else kind))
    return marks


def _hit(place: int, tip: str) -> Markup:
    """What is pointed at: the whole height, so that low columns can be asked too."""
    return element(
        "rect", x=place * WIDTH, y=0.0, width=WIDTH, height=HEIGHT, class_="hit", data_tip=tip
    )


def _bar(place: int, y: float, length: float, kind: str) -> Markup:
    x = place * WIDTH + (WIDTH - THICK) / 2
    return element("rect", x=x, y=y, width=THICK, height=length, class_=kind)


def _height(parts: tuple[Cell, ...]) -> int:
    return sum(map(_number, parts))


def _number(value: Cell) -> int:
    return value if isinstance(value, int) else 0


def _length(value: Cell, end: float, whole: float) -> float:
    if value is None:
        return 0.0
    return value / end * whole if isinstance(value, int) else STUB


def _kind(value: Cell, kind: str) -> str:
    return kind if isinstance(value, int) or value is None else f"{kind} few"
