"""Lines over time: a day beside the usual one, and the small line in a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from markupsafe import Markup

from hq.cells import LEAST
from hq.charts.scale import top
from hq.charts.svg import element, path, picture

STEP = 20.0
HEIGHT = 100.0


def curve(
    now: Sequence[float | None],
    usual: Sequence[float | None],
    tips: Sequence[str],
    label: str,
) -> Markup:
    """``now`` as a line above an area of ``usual``; a None is a gap, never a zero."""
    end = end_of(now, usual)
    width = max(len(tips), 1) * STEP
    marks = [
        element("line", x1=0.0, y1=y, x2=width, y2=y, class_="grid") for y in (0.0, HEIGHT / 2)
    ]
    marks += [
        element("path", d=_area(run), class_="usual-area") for run in _runs(usual, end) if run
    ]
    marks += [element("path", d=path(_drawn(run)), class_="usual") for run in _runs(usual, end)]
    marks += [element("path", d=path(_drawn(run)), class_="now") for run in _runs(now, end)]
    marks += [
        element("rect", x=i * STEP, y=0.0, width=STEP, height=HEIGHT, class_="hit", data_tip=tip)
        for i, tip in enumerate(tips)
    ]
    return picture(width, HEIGHT, label, "curve", marks)


def end_of(now: Sequence[float | None], usual: Sequence[float | None]) -> float:
    """Where the axis of a curve ends."""
    return top(max((value for value in (*now, *usual) if value is not None), default=0) or LEAST)


def spark(values: Sequence[float | None], label: str) -> Markup:
    """A small line of its own scale, for a table or a tile."""
    end = top(max((value for value in values if value is not None), default=0))
    marks = [element("path", d=_area(run), class_="usual-area") for run in _runs(values, end)]
    marks += [element("path", d=path(_drawn(run)), class_="now") for run in _runs(values, end)]
    return picture(max(len(values), 1) * STEP, HEIGHT, label, "spark", marks)


Run = list[tuple[float, float]]


def _runs(values: Sequence[float | None], end: float) -> list[Run]:
    """The places of the values, apart where one is missing. The foot leaves room for the line."""
    points = [
        None if value is None else (i * STEP + STEP / 2, HEIGHT - value / end * HEIGHT)
        for i, value in enumerate(values)
    ]
    return [
        [point for point in run if point is not None]
        for present, run in groupby(points, key=lambda point: point is not None)
        if present
    ]


def _drawn(run: Run) -> Run:
    """A single point is drawn as a dot: a line without length, whose ends are round."""
    return run if len(run) > 1 else [*run, *run]


def _area(run: Run) -> str:
    return path([(run[0][0], HEIGHT), *run, (run[-1][0], HEIGHT)]) + "Z"
