"""Lying strips: a rhythm as ticks in a year, and a share beside another."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from hq.cells import Share
from hq.charts.svg import element, picture

LENGTH = 400.0
HEIGHT = 20.0


def strip(days_ago: Sequence[int], over: int, label: str) -> Markup:
    """A tick for each day that somebody came, today at the right; the silence since is shaded."""
    shown = sorted(day for day in days_ago if 0 <= day <= over)
    marks: list[Markup] = []
    if shown:
        since = _place(shown[0], over)
        marks.append(
            element("rect", x=since, y=0.0, width=LENGTH - since, height=HEIGHT, class_="silence")
        )
    marks += [
        element("line", x1=x, y1=2.0, x2=x, y2=HEIGHT - 2, class_="tick")
        for x in (_place(day, over) for day in shown)
    ]
    return picture(LENGTH, HEIGHT, label, "strip", marks)


def level(value: Share, mark: Share) -> Markup:
    """A share from 0 to 1 as a bar, and another as a mark to compare with. For a table: its words
    stand beside it, so it has no name of its own."""
    marks = [element("rect", x=0.0, y=0.0, width=LENGTH, height=HEIGHT, class_="ground")]
    if isinstance(value, float):
        marks.append(
            element("rect", x=0.0, y=0.0, width=value * LENGTH, height=HEIGHT, class_="part-1")
        )
    if isinstance(mark, float):
        x = mark * LENGTH
        marks += [
            element("line", x1=x, y1=0.0, x2=x, y2=HEIGHT, class_=kind) for kind in ("halo", "mark")
        ]
    return picture(LENGTH, HEIGHT, "", "level", marks)


def _place(days_ago: int, over: int) -> float:
    return LENGTH - days_ago / max(over, 1) * LENGTH
