"""Aggregated visits of the stores, as they sent them, put together to days, hours and totals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hq.cells import FEW, Cell, Share, known

HIDDEN = -1
"""How SQL writes a number that the store suppressed; ``counted`` in ``hq.schema.pages``."""


def read(value: int | None) -> Cell:
    """A number of a row: hidden by the store, not measured, or a count."""
    return FEW if value == HIDDEN else value


def readings(values: Iterable[int | None] | None) -> tuple[Cell, ...]:
    """A series of them."""
    return tuple(read(value) for value in values or ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """Some days of a store or of a chain, the latest first: [0] is today."""

    traffic: tuple[Cell, ...]
    member_visits: tuple[Cell, ...]
    transactions: tuple[Cell, ...]

    def told(self, back: int) -> bool:
        """Whether anything is known of the day so many days ago."""
        series = (self.traffic, self.member_visits, self.transactions)
        return any(values[back] is not None for values in series)

    def conversion(self, start: int, end: int) -> Share:
        """Sales for each person counted in, over the days on which both are known."""
        return conversion(self.traffic[start:end], self.transactions[start:end])


def conversion(traffic: Sequence[Cell], transactions: Sequence[Cell]) -> Share:
    """Σ transactions / Σ people in, where both are known; None where never both are."""
    both = [
        (people, sales)
        for people, sales in zip(traffic, transactions, strict=True)
        if isinstance(people, int) and isinstance(sales, int)
    ]
    people = sum(people for people, _ in both)
    return sum(sales for _, sales in both) / people if people else None


def together(stores: Sequence[Days], days: int) -> Days:
    """The chain's days: of each the sum of what its stores show, None where none shows any."""

    def by_day(series: Sequence[tuple[Cell, ...]]) -> tuple[Cell, ...]:
        return tuple(summed([values[day] for values in series]) for day in range(days))

    return Days(
        traffic=by_day([store.traffic for store in stores]),
        member_visits=by_day([store.member_visits for store in stores]),
        transactions=by_day([store.transactions for store in stores]),
    )


def summed(cells: Sequence[Cell]) -> Cell:
    """The sum of what is shown; of hidden cells alone it is itself hidden."""
    if any(isinstance(value, int) for value in cells):
        return known(cells).count
    return FEW if FEW in cells else None
