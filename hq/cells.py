"""A count of people as a page may show it: the number, too few to show, or not known.

Stores suppress small counts before headquarters sees them, and what a page makes of such rows
alone tells nothing more. From tables with a row for each member it could, so counts made of
those pass through here. A zero stays: that nobody came tells of nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

LEAST = 10
"""The smallest count of people that is shown, the gateways' own default."""
ROUGHLY = 0.05


class Few(Enum):
    """Somebody, but fewer than are shown; never to be read as zero."""

    FEW = "few"


FEW = Few.FEW
Cell: TypeAlias = int | Few | None
Share: TypeAlias = float | Few | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A sum over parts, and how many parts were too small, or not known, to be in it."""

    count: int
    left_out: int = 0

    @property
    def shown(self) -> Cell:
        """As a cell of its own: what is left out of nothing is few, not none."""
        return FEW if self.left_out and self.count == 0 else cell(self.count)


def cell(count: int) -> Cell:
    """The count, or ``FEW`` for one to nine."""
    return FEW if 0 < count < LEAST else count


def share(part: int, whole: int) -> Share:
    """``part / whole`` where part, rest and whole are each shown; None for nothing of nothing."""
    if whole == 0:
        return None
    hidden = any(cell(count) is FEW for count in (part, whole - part, whole))
    return FEW if hidden else part / whole


def known(cells: Iterable[Cell]) -> Total:
    """The sum of what is shown. Made of shown cells alone, it reveals nothing about the rest."""
    shown, left_out = 0, 0
    for value in cells:
        if isinstance(value, int):
            shown += value
        else:
            left_out += 1
    return Total(count=shown, left_out=left_out)


def total(counts: Sequence[int]) -> Total:
    """A total to stand beside its parts, each shown by ``cell``.

    Who subtracts the shown parts from it learns the sum of the hidden ones. They count only
    where that sum leaves each of them every value from one to nine; else they are left out.
    """
    hidden = [count for count in counts if cell(count) is FEW]
    shown = sum(counts) - sum(hidden)
    if not hidden or _tells_nothing(len(hidden), sum(hidden)):
        return Total(count=sum(counts))
    return Total(count=shown, left_out=len(hidden))


def joint(parts: Sequence[tuple[int, int]]) -> Share:
    """The share over parts that each show theirs; a part is ``(those who did, those who did not)``.

    Where a total over all parts tells too much, it is the share of those that hide nothing.
    """
    did, did_not = total([one for one, _ in parts]), total([other for _, other in parts])
    if not did.left_out and not did_not.left_out:
        return share(did.count, did.count + did_not.count)
    open_ = [(a, b) for a, b in parts if cell(a) is not FEW and cell(b) is not FEW]
    one, other = sum(a for a, _ in open_), sum(b for _, b in open_)
    return share(one, one + other) if one + other else FEW


def rough(part: int, whole: int) -> Share:
    """A share to the nearest 5 %, of so many that ten more or fewer may look the same.

    For a figure whose parts the stores hid one by one: no subtraction gets one of them back.
    """
    if whole == 0:
        return None
    return FEW if whole * ROUGHLY < LEAST else round(part / whole / ROUGHLY) * ROUGHLY


def _tells_nothing(parts: int, hidden: int) -> bool:
    """Whether each of ``parts`` numbers in 1..LEAST-1 with this sum may still be any of these."""
    most = LEAST - 1
    return hidden - (parts - 1) >= most and hidden - (parts - 1) * most <= 1
