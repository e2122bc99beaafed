"""One store in pictures."""

from __future__ import annotations

from aiohttp import web

from hq import charts
from hq.cells import FEW, Cell
from hq.charts.columns import end_of as columns_end
from hq.charts.curve import end_of as curve_end
from hq.figures import chain
from hq.figures.chain import Store
from hq.figures.store import Details, Hours, details
from hq.pages.render import CLOCK, POOL, as_of, page
from hq.pages.screens.overview import WEEK
from hq.pages.screens.signing import VISITOR, missing
from hq.pages.words import Words

ARRIVAL_DAYS = 14


async def show(request: web.Request) -> web.Response:
    """``GET /stores/STORE``."""
    visitor = request[VISITOR]
    t, now = visitor.words, request.app[CLOCK]()
    async with request.app[POOL].acquire() as connection:
        found = await chain.chain(connection, now, request.match_info["store_id"])
        if not found.stores:
            missing()
        (store,) = found.stores
        more = await details(connection, now, store.id, store.time_zone)
        state = await as_of(connection, now)
    return page(
        request,
        "store.html",
        visitor,
        nav="overview",
        as_of=state,
        store=store,
        silent=store.silent(now),
        conversion=store.days.conversion(*WEEK),
        more=more,
        tiles=_tiles(more),
        heat=_heat(more.hours, t),
        day=_day(more.hours, t),
        dwell=_dwell(more, t),
        arrivals=_arrivals(more, store, t),
        answers=charts.level(more.confirmed, None),
    )


def _tiles(more: Details) -> dict[str, Cell]:
    """The last day that the store has told, and how long greetings take."""
    last = more.days[0] if more.days else None
    waits = [d.greeting_median_s for d in more.days if isinstance(d.greeting_median_s, int)]
    return {
        "in": last.traffic_in if last else None,
        "out": last.traffic_out if last else None,
        "most": last.most_inside if last else None,
        "members": last.member_visits if last else None,
        "greeting": sorted(waits)[len(waits) // 2] if waits else None,
    }


def _heat(hours: Hours, t: Words) -> dict[str, object]:
    """Weekday by hour. An hour at which nobody was ever counted on any day has no column."""
    shown = hours.open()
    rows = [
        [
            charts.Square(
                row[hour],
                f"{t.weekday(weekday)} {hour:02}:00 · {t.number(row[hour])}",
            )
            for hour in shown
        ]
        for weekday, row in enumerate(hours.usual)
    ]
    return {
        "svg": charts.heat(rows, t("store.heat")),
        "ends": [t.number(end) for end in charts.ends(rows) if end],
        "weekdays": [t.weekday(weekday) for weekday in range(7)],
        "hours": list(shown),
        "rows": [[t.number(row[hour]) for hour in shown] for row in hours.usual],
    }


def _day(hours: Hours, t: Words) -> dict[str, object]:
    """The last day as a line, over what is usual on its weekday."""
    shown = hours.open()
    usual_cells = hours.usual[hours.day.weekday()] if hours.day else (None,) * 24
    usual = [_drawable(usual_cells[hour]) for hour in shown]
    last = [_drawable(hours.last[hour]) for hour in shown]
    rows = [
        (f"{hour:02}:00", t.number(hours.last[hour]), t.number(usual_cells[hour])) for hour in shown
    ]
    tips = [t("store.day.tip", hour=at, last=now, usual=often) for at, now, often in rows]
    return {
        "svg": charts.curve(last, usual, tips, t("store.day")),
        "steps": [t.number(step) for step in charts.steps(curve_end(last, usual))],
        "hours": list(shown),
        "rows": rows,
        "name": t.day(hours.day) if hours.day else "",
        "weekday": t.weekday(hours.day.weekday()) if hours.day else "",
    }


def _drawable(value: Cell) -> float | None:
    """A hidden count is a gap in a line: any height would be a guess, and zero a lie."""
    return value if isinstance(value, int) else None


def _dwell(more: Details, t: Words) -> dict[str, object]:
    bands = more.dwell()
    labels = [t(f"dwell.{number}") for number in range(len(bands))]
    rows = [(label, t.number(value)) for label, value in zip(labels, bands, strict=True)]
    columns = [
        charts.Column((value,), f"{label} · {count}")
        for value, (label, count) in zip(bands, rows, strict=True)
    ]
    return {
        "svg": charts.columns(columns, t("store.dwell")),
        "steps": [t.number(step) for step in charts.steps(columns_end(columns))],
        "labels": labels,
        "rows": rows,
        "empty": all(value is None for value in bands),
    }


def _arrivals(more: Details, store: Store, t: Words) -> dict[str, object]:
    """Members by day: recognised at the door, and those who showed a card or were typed in."""
    days = more.days[:ARRIVAL_DAYS][::-1]
    local = [chain.local_day(day.starts_at, store.time_zone) for day in days]
    rows = [
        (t.day(date), t.number(day.recognised), t.number(day.tapped))
        for date, day in zip(local, days, strict=True)
    ]
    columns = [
        charts.Column(
            (day.recognised, day.tapped),
            t("store.arrivals.tip", day=said, recognised=seen, tapped=tapped),
        )
        for day, (said, seen, tapped) in zip(days, rows, strict=True)
    ]
    return {
        "svg": charts.columns(columns, t("store.arrivals")),
        "steps": [t.number(step) for step in charts.steps(columns_end(columns))],
        "labels": [(t.weekday(date.weekday()), date.day) for date in local],
        "rows": rows,
        "empty": not any(
            value is FEW or value for day in days for value in (day.recognised, day.tapped)
        ),
    }
