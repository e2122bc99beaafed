"""Pictures of figures: values in, SVG out. Pure, and without a word of what the figures mean."""

from hq.charts.columns import Column, columns, mirrored
from hq.charts.curve import curve, spark
from hq.charts.heat import Square, ends, heat
from hq.charts.scale import steps, top
from hq.charts.strips import level, strip

__all__ = [
    "Column",
    "Square",
    "columns",
    "curve",
    "ends",
    "heat",
    "level",
    "mirrored",
    "spark",
    "steps",
    "strip",
    "top",
]
