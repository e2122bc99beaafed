"""Aggregated visit data: days are summed up once they are over, and again when facts come late.

A day is told whole, quarters and hours with it, because what may be told of ten in the morning
depends on the evening. The facts themselves mark their quarter as changed, in their own
transaction; here the marks are worked off.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec
import structlog

from edge.config import FootfallConfig, StoreConfig
from edge.contract import PAGE_ROWS, FootfallPage, FootfallRow, Privacy
from edge.errors import CursorAhead
from edge.flows.noise import Noise
from edge.rules.footfall.day import BusinessDay, business_day, date_of
from edge.rules.footfall.pattern import Pattern, pattern_of, whole_pattern
from edge.rules.footfall.rows import rows
from edge.rules.footfall.tally import Tally, tally
from edge.store import Reader, Store, Transaction
from edge.store.footfall import StoredDay

log = structlog.get_logger(__name__)

BUILD_EVERY_S = 60.0
SETTLES = timedelta(hours=1)
"""A day is told this long after its end: its last visits close by then."""
DAYS_A_ROUND = 7
JUMP = timedelta(minutes=5)
HELD_S = 900.0
"""A clock that jumped ends no day for so long: it may be set right, or jump again."""


class Footfall:
    """Builds the rows and gives pages of them. ``zones`` are the places of the devices."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        shop: StoreConfig,
        config: FootfallConfig,
        zones: Sequence[str] = (),
        absence_s: float,
        noise: Noise | None = None,
        ran_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._shop = shop
        self._config = config
        self._zones = sorted({zone for zone in zones if zone})
        self._absence_s = absence_s
        self._settles = max(SETTLES, timedelta(seconds=absence_s))
        self._tz = ZoneInfo(shop.timezone)
        self._noise = noise
        self._ran_s = ran_s
        self._steady = _Steady()

    async def page(self, after: int, limit: int = PAGE_ROWS) -> FootfallPage:
        """What follows a cursor. Raises ``CursorAhead`` for one that was never given out."""

        def question(reader: Reader) -> FootfallPage:
            last = reader.footfall.last_position()
            if after > last:
                raise CursorAhead(f"the rows end at {last}; ask again from 0")
            found = reader.footfall.page(after, min(limit, PAGE_ROWS))
            cursor = found[-1][0] if found else after
            return FootfallPage(
                store_id=self._shop.id,
                time_zone=self._shop.timezone,
                privacy=Privacy(self._config.privacy),
                rows=[row for _, row in found],
                cursor=cursor,
                remaining=reader.footfall.remaining(cursor),
            )

        return await self._store.read(question)

    async def build(self) -> int:
        """Tell the days that are over and not told as they are; returns how many."""
        now = self._clock()
        if not self._steady.at(now, self._ran_s()):
            return 0
        changed = await self._store.read(lambda reader: reader.footfall.changed())
        dates = [day for day, _ in groupby(changed, key=lambda at: date_of(at, self._tz))]
        days = [self._day(day) for day in dates]
        due = [
            day
            for day in days
            if self._kept_since(now) <= day.starts_at and day.ends_at + self._settles <= now
        ]
        for day in due[:DAYS_A_ROUND]:
            await self._store.write(lambda tx, day=day: self._tell(tx, day))  # type: ignore[misc]
        return len(due[:DAYS_A_ROUND])

    async def forget(self) -> None:
        """Drop the intervals that are older than the store keeps them."""
        before = self._kept_since(self._clock())
        await self._store.write(lambda tx: tx.footfall.forget_before(before))

    def _kept_since(self, now: datetime) -> datetime:
        """Of earlier days it is not known any more what was told: they are told no more."""
        kept = date_of(now, self._tz) - timedelta(days=self._config.keep_days)
        return self._day(kept).starts_at

    def _day(self, day: date) -> BusinessDay:
        return business_day(day, self._tz)

    def _tell(self, tx: Transaction, day: BusinessDay) -> None:
        """Sum a day up anew and put the rows that became others behind all others."""
        tx.footfall.settle(day.starts_at, day.ends_at)
        stored = tx.footfall.day(day.starts_at)
        counted = self._tally(tx, day, stored)
        spent_millis = stored.spent_millis if stored else 0
        if self._noise is None:
            pattern = pattern_of(day, counted, self._config.min_cell, _pattern(stored))
        elif self._noise.affords(spent_millis):
            counted = self._noise.over(counted)
            pattern = whole_pattern(day, counted)
            spent_millis += self._noise.cost_millis
        else:
            log.warning("privacy_budget_spent", date=day.date.isoformat())
            return
        fresh = rows(day, counted, pattern, self._shop.id)
        revised = _revised(fresh, tx.footfall.told(day.starts_at, day.ends_at))
        tx.footfall.tell(revised)
        tx.footfall.remember(_stored(day, pattern, spent_millis))
        log.info("day_told", date=day.date.isoformat(), rows=len(revised))

    def _tally(self, reader: Reader, day: BusinessDay, stored: StoredDay | None) -> Tally:
        traffic: dict[str, dict[str, dict[datetime, int]]] = {"in": {}, "out": {}}
        for count in reader.footfall.counts(day.starts_at, day.ends_at):
            traffic[count.direction].setdefault(count.zone, {})[count.starts_at] = count.people
        sales = None
        if reader.sales.known_before(day.ends_at):
            sales = reader.sales.between(day.starts_at, day.ends_at)
        return tally(
            day,
            reader.visits.begun(day.starts_at, day.ends_at),
            absence_s=self._absence_s,
            zones=self._zones if stored is None else filter(None, stored.zones),
            traffic_in=traffic["in"],
            traffic_out=traffic["out"],
            sold_at=None if sales is None else [sale.sold_at for sale in sales if sale.amount > 0],
        )


class _Steady:
    """Whether the clock on the wall goes as fast as time passes."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None
        self._held_until_s = 0.0

    def at(self, now: datetime, time_s: float) -> bool:
        if self._last is not None:
            passed = timedelta(seconds=time_s - self._last[1])
            if abs(now - self._last[0] - passed) > JUMP:
                self._held_until_s = time_s + HELD_S
                log.warning("clock_jumped", held_s=HELD_S)
        self._last = (now, time_s)
        return time_s >= self._held_until_s


def _revised(fresh: list[FootfallRow], before: list[FootfallRow]) -> list[FootfallRow]:
    """The rows that say something else than before, or for the first time."""
    held = {(row.zone, row.period, row.starts_at): row for row in before}
    revised = []
    for row in fresh:
        old = held.get((row.zone, row.period, row.starts_at))
        revision = 0 if old is None else old.revision
        if old is None or msgspec.structs.replace(row, revision=revision) != old:
            revised.append(msgspec.structs.replace(row, revision=revision + 1))
    return revised


def _pattern(stored: StoredDay | None) -> Pattern | None:
    if stored is None:
        return None
    told = {name: frozenset(nodes) for name, nodes in stored.told.items()}
    return Pattern(zones=stored.zones, told=told)


def _stored(day: BusinessDay, pattern: Pattern, spent_millis: int) -> StoredDay:
    told = {name: tuple(sorted(nodes)) for name, nodes in pattern.told.items()}
    return StoredDay(
        starts_at=day.starts_at, zones=pattern.zones, told=told, spent_millis=spent_millis
    )
