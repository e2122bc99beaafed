"""A day of the store as a tree of intervals: the day, its hours, their quarters.

Hours and days begin by the clock on the store's wall, quarters are the same all over the world.
A day on which the clocks change has the hours it has: 23 or 25 in most places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
DAY = 0
"""The node of the whole day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessDay:
    """Node 0 is the day, then come its hours, then its quarters, each in order of time.

    ``starts`` and ``ends`` give each node's interval, half-open and in UTC; ``children`` what a
    node is the sum of. The first quarter is the node ``first_quarter``.
    """

    date: date
    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    children: tuple[tuple[int, ...], ...]
    first_quarter: int

    @property
    def starts_at(self) -> datetime:
        return self.starts[DAY]

    @property
    def ends_at(self) -> datetime:
        return self.ends[DAY]

    @property
    def hours(self) -> range:
        return range(1, self.first_quarter)

    @property
    def quarters(self) -> range:
        return range(self.first_quarter, len(self.starts))

    def sums(self, quarters: Sequence[int]) -> list[int]:
        """The sum of each node, from those of the quarters in order."""
        sums = [0] * self.first_quarter + list(quarters)
        for node in reversed(range(self.first_quarter)):
            sums[node] = sum(sums[child] for child in self.children[node])
        return sums


def quarter_of(at: datetime) -> datetime:
    """The start of the quarter that a moment falls in, in UTC."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def business_day(day: date, tz: ZoneInfo) -> BusinessDay:
    """The day of this date in the store's time zone."""
    begins, ends = _midnight(day, tz), _midnight(day + timedelta(days=1), tz)
    count = round((ends - begins) / QUARTER)
    quarters = [begins + number * QUARTER for number in range(count)]
    hours = [
        list(group) for _, group in groupby(quarters, key=lambda at: _hour_on_the_wall(at, tz))
    ]
    first = 1 + len(hours)
    children: list[tuple[int, ...]] = [tuple(range(1, first))]
    for hour in hours:
        before = sum(map(len, hours[: len(children) - 1]))
        children.append(tuple(range(first + before, first + before + len(hour))))
    return BusinessDay(
        date=day,
        starts=(begins, *(hour[0] for hour in hours), *quarters),
        ends=(ends, *(hour[-1] + QUARTER for hour in hours), *(at + QUARTER for at in quarters)),
        children=(*children, *[()] * count),
        first_quarter=first,
    )


def date_of(at: datetime, tz: ZoneInfo) -> date:
    """The store's date at a moment."""
    return at.astimezone(tz).date()


def _midnight(day: date, tz: ZoneInfo) -> datetime:
    return quarter_of(datetime.combine(day, time.min, tz))


def _hour_on_the_wall(at: datetime, tz: ZoneInfo) -> tuple[int, timedelta | None]:
    """The hour that comes twice when clocks go back is two hours."""
    local = at.astimezone(tz)
    return local.hour, local.utcoffset()
