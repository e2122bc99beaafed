"""One store in pictures: its hours, who arrived how, how long people stay and wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from hq.cells import Cell, Share, rough
from hq.figures.footfall import read, readings, summed
from hq.schema import Connection

WEEKS = 8
"""What is usual is the median of this many weeks."""
DAYS = 28
_NOBODY = -2  # ranks below a hidden hour
DWELL = (
    "dwell_under_5_min",
    "dwell_5_to_15_min",
    "dwell_15_to_30_min",
    "dwell_30_to_60_min",
    "dwell_over_60_min",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Traffic by hour: ``usual[weekday][hour]`` with Monday as 0, and the last day's, if any.

    A store tells a day when it is over (docs/footfall.md), so the last day is yesterday mostly.
    """

    usual: tuple[tuple[Cell, ...], ...]
    last: tuple[Cell, ...]
    day: date | None

    def open(self) -> range:
        """The hours that anybody ever came in; all of the day where nothing is known."""
        busy = [
            hour
            for hour in range(24)
            if any(row[hour] for row in (*self.usual, self.last) if row[hour] is not None)
        ]
        return range(busy[0], busy[-1] + 1) if busy else range(24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of arrivals."""

    starts_at: datetime
    traffic_in: Cell
    traffic_out: Cell
    most_inside: Cell
    member_visits: Cell
    recognised: Cell
    tapped: Cell
    greeting_median_s: Cell
    dwell: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a store's page shows beside its line in the chain. ``days``: the latest first."""

    hours: Hours
    days: tuple[Day, ...]
    confirmed: Share
    """Of the alerts that guides answered in ``DAYS``, roughly: no day alone has enough to show."""

    def dwell(self) -> tuple[Cell, ...]:
        """How many stayed how long, over the days, as far as it was shown."""
        return tuple(summed([day.dwell[band] for day in self.days]) for band in range(len(DWELL)))


async def details(connection: Connection, now: datetime, store_id: str, time_zone: str) -> Details:
    """All of one store's page that its rows of aggregated visits tell."""
    of_day = await connection.fetch(_DAYS, now, store_id, time_zone, DAYS)
    answered = await connection.fetchrow(_ANSWERS, now, store_id, DAYS)
    assert answered is not None
    return Details(
        hours=await _hours(connection, now, store_id, time_zone),
        days=tuple(_day(row) for row in of_day),
        confirmed=rough(answered["confirmed"], answered["answered"]),
    )


async def _hours(connection: Connection, now: datetime, store_id: str, time_zone: str) -> Hours:
    day: date | None = await connection.fetchval(_LAST_DAY, now, store_id, time_zone)
    usual: list[list[Cell]] = [[None] * 24 for _ in range(7)]
    last: list[Cell] = [None] * 24
    if day is not None:
        for row in await connection.fetch(_USUAL, day, store_id, time_zone, WEEKS):
            traffic = 0 if row["traffic"] == _NOBODY else read(row["traffic"])
            usual[row["weekday"]][row["hour"]] = traffic
        for row in await connection.fetch(_OF_DAY, day, store_id, time_zone):
            last[row["hour"]] = read(row["traffic"])
    return Hours(usual=tuple(map(tuple, usual)), last=tuple(last), day=day)


def _day(row: object) -> Day:
    cells = dict(row)  # type: ignore[call-overload]
    recognised, code, phone, guide = readings(cells["arrivals"])
    return Day(
        starts_at=cells["starts_at"],
        traffic_in=read(cells["traffic_in"]),
        traffic_out=read(cells["traffic_out"]),
        most_inside=read(cells["most_inside"]),
        member_visits=read(cells["member_visits"]),
        recognised=recognised,
        tapped=summed([code, phone, guide]),
        greeting_median_s=read(cells["greeting_median_s"]),
        dwell=readings(cells["dwell"]),
    )


# An hour that was hidden for being small ranks between none and ten, so that the median of weeks
# with such hours is that of all. Where it falls on a hidden one, it is hidden as well.
_USUAL = """
WITH hours AS (
    SELECT starts_at AT TIME ZONE $3 AS local, counted(body, 'traffic_in') AS traffic
    FROM footfall WHERE store_id = $2 AND zone = '' AND period = 'hour'
        AND starts_at >= ($1::date - 7 * $4::int)::timestamp AT TIME ZONE $3
        AND starts_at < $1::date::timestamp AT TIME ZONE $3
)
SELECT extract(isodow FROM local)::int - 1 AS weekday, extract(hour FROM local)::int AS hour,
    (percentile_disc(0.5) WITHIN GROUP
        (ORDER BY CASE traffic WHEN 0 THEN -2 ELSE traffic END)) AS traffic
FROM hours WHERE traffic IS NOT NULL GROUP BY 1, 2
"""
_LAST_DAY = """
SELECT (starts_at AT TIME ZONE $3)::date FROM footfall
WHERE store_id = $2 AND zone = '' AND period = 'hour' AND starts_at <= $1
ORDER BY starts_at DESC LIMIT 1
"""
_OF_DAY = """
SELECT extract(hour FROM starts_at AT TIME ZONE $3)::int AS hour,
    max(counted(body, 'traffic_in')) AS traffic
FROM footfall WHERE store_id = $2 AND zone = '' AND period = 'hour'
    AND starts_at >= $1::date::timestamp AT TIME ZONE $3
    AND starts_at < ($1::date + 1)::timestamp AT TIME ZONE $3
GROUP BY 1
"""
_DAYS = f"""
SELECT starts_at, counted(body, 'traffic_in') AS traffic_in,
    counted(body, 'traffic_out') AS traffic_out, counted(body, 'occupancy_peak') AS most_inside,
    counted(body, 'member_visits') AS member_visits,
    counted(body, 'greeting_median_s') AS greeting_median_s,
    ARRAY[counted(body, 'arrivals_recognised'), counted(body, 'arrivals_code'),
        counted(body, 'arrivals_phone'), counted(body, 'arrivals_guide')] AS arrivals,
    ARRAY[{", ".join(f"counted(body, '{band}')" for band in DWELL)}] AS dwell
FROM footfall WHERE store_id = $2 AND zone = '' AND period = 'day' AND starts_at <= $1
    AND starts_at > (($1::timestamptz AT TIME ZONE $3)::date - $4::int)::timestamp AT TIME ZONE $3
ORDER BY starts_at DESC
"""
_ANSWERS = """
SELECT (count(*) FILTER (WHERE claim = 'confirmed'))::int AS confirmed, count(*)::int AS answered
FROM visits WHERE store_id = $2 AND claim IN ('confirmed', 'refused') AND opened_at <= $1
    AND opened_at > $1::timestamptz - $3::int * interval '1 day'
"""
