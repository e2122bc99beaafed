"""Pictures: every mark stays on its paper, sizes follow values, and few is never drawn as none."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, fromstring

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from hq import charts
from hq.cells import FEW, LEAST, Cell, Share
from hq.charts import Column, Square
from hq.charts.curve import end_of
from hq.charts.scale import SHADES, shade

COUNTS = st.integers(LEAST, 10**7) | st.just(0)
CELLS: st.SearchStrategy[Cell] = COUNTS | st.just(FEW) | st.none()
TOLERANCE = 0.02  # numbers are written with two digits
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)


def drawn(picture: Markup) -> Element:
    return fromstring(str(picture))


def paper(svg: Element) -> tuple[float, float]:
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    return width, height


def marks(svg: Element, kind: str) -> list[Element]:
    return [mark for mark in svg if kind in mark.attrib.get("class", "").split()]


def corners(mark: Element) -> list[tuple[float, float]]:
    at = mark.attrib
    if mark.tag == "path":
        return [(float(x), float(y)) for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", at["d"])]
    if mark.tag == "line":
        return [(float(at["x1"]), float(at["y1"])), (float(at["x2"]), float(at["y2"]))]
    x, y, width, height = (float(at[name]) for name in ("x", "y", "width", "height"))
    assert width >= 0
    assert height >= 0
    return [(x, y), (x + width, y + height)]


def assert_on_paper(svg: Element) -> None:
    width, height = paper(svg)
    for mark in svg:
        for x, y in corners(mark):
            assert -TOLERANCE <= x <= width + TOLERANCE
            assert -TOLERANCE <= y <= height + TOLERANCE


@given(st.lists(st.tuples(CELLS, CELLS), max_size=40))
def test_columns_stay_on_the_paper_and_few_is_not_none(values: list[tuple[Cell, Cell]]) -> None:
    svg = drawn(charts.columns([Column(parts, "tip") for parts in values], "label"))
    assert_on_paper(svg)
    few = sum(part is FEW for parts in values for part in parts)
    assert len([m for m in marks(svg, "few") if float(m.attrib["height"]) > 0]) == few


@given(st.lists(st.integers(LEAST, 10**6), min_size=1, max_size=40))
def test_columns_are_as_high_as_their_values(values: list[int]) -> None:
    svg = drawn(charts.columns([Column((value,), "") for value in values], ""))
    end = charts.top(max(values))
    heights = [float(mark.attrib["height"]) for mark in marks(svg, "part-1")]
    for value, height in zip(values, heights, strict=True):
        assert abs(height - value / end * 100) <= TOLERANCE


@given(st.lists(st.tuples(CELLS, CELLS), max_size=40))
def test_mirrored_columns_share_one_scale(values: list[tuple[Cell, Cell]]) -> None:
    above, below = [up for up, _ in values], [down for _, down in values]
    svg = drawn(charts.mirrored(above, below, ["" for _ in values], ""))
    assert_on_paper(svg)
    for (up, down), rise, fall in zip(
        values, marks(svg, "part-1"), marks(svg, "part-2"), strict=True
    ):
        if up == down:
            assert rise.attrib["height"] == fall.attrib["height"]


LINES = st.lists(st.none() | st.floats(0, 1e6), max_size=48)


@given(LINES, LINES)
def test_a_curve_stays_on_the_paper_and_gaps_stay_gaps(
    now: list[float | None], usual: list[float | None]
) -> None:
    length = max(len(now), len(usual))
    now += [None] * (length - len(now))
    usual += [None] * (length - len(usual))
    svg = drawn(charts.curve(now, usual, [""] * length, ""))
    assert_on_paper(svg)
    known = sum(value is not None for value in now)
    points = sum(len(corners(line)) for line in marks(svg, "now"))
    alone = sum(len(corners(line)) == 2 for line in marks(svg, "now"))
    assert known <= points <= known + alone
    assert end_of(now, usual) >= max((v for v in (*now, *usual) if v is not None), default=0)


@given(LINES)
def test_a_spark_stays_on_the_paper(values: list[float | None]) -> None:
    assert_on_paper(drawn(charts.spark(values, "")))


@given(st.lists(st.lists(st.floats(0, 1) | st.just(FEW) | st.none(), max_size=24), max_size=12))
def test_a_field_has_a_square_for_each_value(rows: list[list[Share]]) -> None:
    svg = drawn(charts.heat([[Square(value, "") for value in row] for row in rows], ""))
    assert_on_paper(svg)
    assert len(svg) == sum(value is not None for row in rows for value in row)
    assert len(marks(svg, "few")) == sum(value is FEW for row in rows for value in row)


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(1e-3, 1e9))
def test_the_shade_grows_with_the_value(one: float, other: float, highest: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= shade(low, low, highest) <= shade(high, low, highest) <= SHADES
    assert shade(0, 0, highest) == 0


@given(st.floats(1e-6, 1e9))
def test_an_axis_ends_at_or_above_its_highest_value_and_wastes_less_than_half(
    highest: float,
) -> None:
    assert highest * (1 - 1e-6) <= charts.top(highest) <= highest * 2


@given(st.lists(st.integers(0, 500), max_size=60))
def test_a_rhythm_has_a_tick_for_each_day_and_ends_in_silence(days: list[int]) -> None:
    svg = drawn(charts.strip(days, 365, ""))
    assert_on_paper(svg)
    assert len(marks(svg, "tick")) == sum(day <= 365 for day in days)
    if shown := [day for day in days if day <= 365]:
        (silence,) = marks(svg, "silence")
        assert abs(float(silence.attrib["width"]) - min(shown) / 365 * 400) <= TOLERANCE


@given(st.floats(0, 1) | st.just(FEW) | st.none(), st.floats(0, 1) | st.none())
def test_a_share_is_as_long_as_it_is_and_few_has_no_length(value: Share, mark: Share) -> None:
    svg = drawn(charts.level(value, mark))
    assert_on_paper(svg)
    lengths = [float(bar.attrib["width"]) for bar in marks(svg, "part-1")]
    assert len(lengths) == isinstance(value, float)
    assert all(abs(length - float(value) * 400) <= TOLERANCE for length in lengths)  # type: ignore[arg-type]
    assert len(marks(svg, "mark")) == isinstance(mark, float)


@given(TEXTS)
def test_no_word_can_leave_its_place(text: str) -> None:
    svg = drawn(charts.columns([Column((12,), text)], text))
    assert svg.attrib.get("aria-label", "") == text
    assert marks(svg, "hit")[0].attrib["data-tip"] == text
