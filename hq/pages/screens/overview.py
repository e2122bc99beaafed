"""The chain at a glance: its last day, the last seven, every store, and what needs a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from aiohttp import web
from markupsafe import Markup

from hq import charts
from hq.cells import FEW, Cell, Share, cell
from hq.charts.columns import end_of
from hq.figures import attention, chain, repurchase
from hq.figures.chain import Chain, Store
from hq.figures.footfall import summed
from hq.pages.render import CLOCK, POOL, STORES_PAGE, AsOf, as_of, page, page_start
from hq.pages.screens.signing import VISITOR
from hq.pages.words import Words

WEEK, WEEK_BEFORE = (1, 8), (8, 15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A store's line: how fresh it is, and its days."""

    store: Store
    silent: bool
    last: Cell
    week: Cell
    change: str
    conversion: Share
    takings: str
    spark: Markup


async def show(request: web.Request) -> web.Response:
    """``GET /?find=TEXT&from=N``."""
    visitor = request[VISITOR]
    now = request.app[CLOCK]()
    async with request.app[POOL].acquire() as connection:
        all_stores = await chain.chain(connection, now)
        waiting = await attention.attention(connection, now)
        rates = await repurchase.rates(connection)
        state = await as_of(connection, now)
    find = request.query.get("find", "").strip()[:64]
    found = [s for s in all_stores.stores if find.lower() in f"{s.name} {s.id}".lower()]
    start = page_start(request, len(found), STORES_PAGE)
    lines = [
        line(store, now, all_stores.latest(), visitor.words)
        for store in found[start : start + STORES_PAGE]
    ]
    return page(
        request,
        "overview.html",
        visitor,
        nav="overview",
        as_of=state,
        chain=all_stores,
        names={store.id: store.name for store in all_stores.stores},
        waiting=waiting,
        repurchase=rates[0],
        repurchase_bar=charts.level(rates[0].rate, None),
        lines=lines,
        find=find,
        found=len(found),
        start=start,
        page_size=STORES_PAGE,
        glance=glance(all_stores, visitor.words),
        last_day=day_ago(state, all_stores.latest(), visitor.words),
        days=days_chart(all_stores, state, visitor.words),
    )


def glance(of: Chain, t: Words) -> dict[str, object]:
    """The figures of the tiles: the last day, seven days, and the change on the seven before.

    Sales are told as they are made, so theirs is today.
    """
    latest = of.latest()
    days, today, week = of.days, of.takings(0, 1), of.takings(*WEEK)
    before = {taken.currency: taken for taken in of.takings(*WEEK_BEFORE)}
    main = week[0] if week else (today[0] if today else None)
    currency = main.currency if main else ""
    return {
        "traffic": _counted(days.traffic, latest, t),
        "members": _counted(days.member_visits, latest, t),
        "conversion": (days.conversion(latest, latest + 1), days.conversion(*WEEK)),
        "conversion_spark": charts.spark(_by_day(days.conversion), ""),
        "sales_spark": charts.spark(_by_day(lambda *span: _amount(of, currency, *span)), ""),
        "today": [taken for taken in today if taken.currency == currency],
        "week": week,
        "sales_change": t.change(float(week[0].amount), float(before[currency].amount))
        if week and currency in before
        else "",
    }


def _counted(cells: tuple[Cell, ...], latest: int, t: Words) -> dict[str, object]:
    week, before = summed(cells[slice(*WEEK)]), summed(cells[slice(*WEEK_BEFORE)])
    return {
        "last": cells[latest],
        "week": week,
        "change": t.change(week, before),
        "spark": spark(cells, ""),
    }


def _by_day(of: Callable[[int, int], Share]) -> list[float | None]:
    """A figure for each day that is over, the oldest first; a gap where it is not shown."""
    values = [of(back, back + 1) for back in range(chain.DAYS - 1, 0, -1)]
    return [value if isinstance(value, float) else None for value in values]


def _amount(of: Chain, currency: str, start: int, end: int) -> float | None:
    found = [taken for taken in of.takings(start, end) if taken.currency == currency]
    return float(found[0].amount) if found and found[0].sales.count else None


def spark(cells: tuple[Cell, ...], label: str) -> Markup:
    """A small line over the days that are over, the oldest first."""
    past = [value if isinstance(value, int) else None for value in reversed(cells[1:])]
    return charts.spark(past, label)


def line(store: Store, now: datetime, latest: int, t: Words) -> Line:
    """A store as the table shows it."""
    traffic = store.days.traffic
    week, before = summed(traffic[slice(*WEEK)]), summed(traffic[slice(*WEEK_BEFORE)])
    return Line(
        store=store,
        silent=store.silent(now),
        last=traffic[latest],
        week=week,
        change=t.change(week, before),
        conversion=store.days.conversion(*WEEK),
        takings=takings(store, *WEEK, t),
        spark=spark(traffic, t("store.spark", name=store.name)),
    )


def takings(store: Store, start: int, end: int, t: Words) -> str:
    """What a store took in some days; of fewer than ten sales nothing is said but that."""
    shown = []
    for sales in store.sales:
        count = sum(sales.counts[start:end])
        if count:
            amount = sum(sales.amounts[start:end], Decimal())
            few = cell(count) is FEW
            shown.append(t.number(FEW) if few else t.money(amount, sales.currency))
    return " + ".join(shown) or t.number(None)


def days_chart(of: Chain, state: AsOf, t: Words) -> dict[str, object]:
    """Footfall by day, the last one that was told strong, with its axis and its table."""
    latest = of.latest()
    days = [state.today - timedelta(days=back) for back in range(latest, chain.DAYS)][::-1]
    traffic = of.days.traffic[latest:][::-1]
    rows = [(t.day(day), t.number(value)) for day, value in zip(days, traffic, strict=True)]
    columns = [
        charts.Column((value,), f"{said} · {count}", strong=day == days[-1])
        for day, value, (said, count) in zip(days, traffic, rows, strict=True)
    ]
    return {
        "svg": charts.columns(columns, t("overview.days")),
        "steps": [t.number(step) for step in charts.steps(end_of(columns))],
        "labels": [(t.weekday(day.weekday()), day.day) for day in days],
        "rows": rows,
    }


def day_ago(state: AsOf, back: int, t: Words) -> str:
    """What people call a day."""
    if back < 2:
        return t(("today", "yesterday")[back])
    return t.day(state.today - timedelta(days=back))
