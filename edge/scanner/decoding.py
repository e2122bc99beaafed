"""From a picture to the codes in it, within a budget of time."""

from __future__ import annotations

from edge.scanner import zxing
from edge.scanner.reading import Picture, Reading


def decode(picture: Picture, budget_s: float) -> tuple[Reading, ...]:
    """The codes of a picture, u8 gray or BGR; an empty tuple where there is none.

    The first look is always taken; further ones start only while ``budget_s`` lasts. Blocks for
    that long: call it in a process or thread of its own.
    """
    return tuple(zxing.read(picture))
