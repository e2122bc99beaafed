"""The doors of an invented shop: rows of aggregated visits, small counts hidden as a shop hides
them. (A gateway hides more: ``docs/footfall.md`` says what. Nothing here reveals anybody.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec

from edge.contract.footfall import FootfallRow, Measure, Period
from hq.cells import LEAST
from hq.demo.shops import Shop, season

KEPT_TILL_DAYS = 16
DWELL = (0.24, 0.34, 0.24, 0.13, 0.05)
"""Shares of the contract's five bands of dwell."""


@dataclass(slots=True)
class Doors:
    """Rows, and how many sold without a member by day."""

    rows: list[FootfallRow] = field(default_factory=list)
    sales: dict[date, int] = field(default_factory=dict)


def door_rows(
    chance: Random, shop: Shop, now: datetime, days: int, members: Mapping[date, int]
) -> Doors:
    """Hours and days of the last ``days`` that are over, and what the till sold, today too."""
    told = Doors()
    clock = now.astimezone(ZoneInfo(shop.time_zone))
    for back in range(days):
        day = clock.date() - timedelta(days=back)
        hours = {hour: _people(chance, shop, day, hour) for hour in range(shop.opens, shop.closes)}
        whole = _day(chance, hours, members.get(day, 0))
        if back:  # a day is told when it is over
            told.rows += [
                _row(shop, Period.HOUR, day, hour, 1, {Measure.TRAFFIC_IN: people})
                for hour, people in hours.items()
            ]
            told.rows.append(_row(shop, Period.DAY, day, 0, 24, whole))
        if back < KEPT_TILL_DAYS:
            of_members = round(members.get(day, 0) * 0.62)
            so_far = 1.0 if back else min(max(clock.hour - shop.opens, 0) / 10, 1.0)
            told.sales[day] = round(max(whole[Measure.TRANSACTIONS] - of_members, 0) * so_far)
    return told


def _people(chance: Random, shop: Shop, day: date, hour: int) -> int:
    """How many come in within an hour: two humps, the later one higher."""
    span = shop.closes - shop.opens
    at = (hour + 0.5 - shop.opens) / span
    hump = 0.55 * _bell(at, 0.25, 0.14) + 1.0 * _bell(at, 0.70, 0.19) + 0.12
    mean = shop.daily * season(day) * hump / (span * 0.56)
    return max(0, round(chance.gauss(mean, mean**0.5 + 0.05 * mean)))


def _bell(at: float, middle: float, width: float) -> float:
    return float(2.718281828 ** (-(((at - middle) / width) ** 2) / 2))


def _day(chance: Random, hours: Mapping[int, int], members: int) -> dict[Measure, int]:
    people = sum(hours.values())
    seen = round(members * 0.52)
    refused = round(seen * 0.06)
    bands = zip(_DWELL, DWELL, strict=True)
    return {
        Measure.TRAFFIC_IN: people,
        Measure.TRAFFIC_OUT: max(people - chance.randrange(0, 4), 0),
        Measure.OCCUPANCY_PEAK: round(max(hours.values()) * 0.46),
        Measure.MEMBER_VISITS: members,
        Measure.ARRIVALS_RECOGNISED: seen,
        Measure.ARRIVALS_CODE: round((members - seen) * 0.7),
        Measure.ARRIVALS_PHONE: round((members - seen) * 0.3),
        Measure.ALERTS_CONFIRMED: seen - refused,
        Measure.ALERTS_REFUSED: refused,
        Measure.GREETING_MEDIAN_S: round(chance.gauss(34, 5)),
        Measure.TRANSACTIONS: round(people * chance.gauss(0.235, 0.02)),
        **{band: round(people * share * chance.gauss(1, 0.05)) for band, share in bands},
    }


_DWELL = (
    Measure.DWELL_UNDER_5_MIN,
    Measure.DWELL_5_TO_15_MIN,
    Measure.DWELL_15_TO_30_MIN,
    Measure.DWELL_30_TO_60_MIN,
    Measure.DWELL_OVER_60_MIN,
)


def _row(
    shop: Shop, period: Period, day: date, hour: float, length: float, counts: dict[Measure, int]
) -> FootfallRow:
    midnight = datetime.combine(day, time(), ZoneInfo(shop.time_zone))
    starts_at = (midnight + timedelta(hours=hour)).astimezone(UTC)
    small = {
        measure
        for measure, count in counts.items()
        if 0 < count < LEAST and measure is not Measure.GREETING_MEDIAN_S
    }
    row = FootfallRow(
        store_id=shop.id,
        zone="",
        period=period,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=length),
        revision=1,
        suppressed=tuple(sorted(small)),
    )
    return msgspec.structs.replace(
        row, **{str(m): None if m in small else count for m, count in counts.items()}
    )
