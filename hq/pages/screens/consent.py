"""Consent to face matching, given and withdrawn, and what proves the end."""

from __future__ import annotations

from aiohttp import web

from hq import charts
from hq.charts.columns import mirrored_ends
from hq.figures import consents, stores
from hq.figures.consents import Months
from hq.pages.render import CLOCK, POOL, STORES_PAGE, as_of, page, page_start
from hq.pages.screens.signing import VISITOR
from hq.pages.words import Words


async def show(request: web.Request) -> web.Response:
    """``GET /consent?store=STORE``."""
    visitor = request[VISITOR]
    async with request.app[POOL].acquire() as connection:
        state = await as_of(connection, request.app[CLOCK]())
        names = await stores.names(connection)
        chosen = stores.chosen(names, request.query.get("store"))
        found = await consents.consents(connection, state.today, chosen)
    start = page_start(request, len(found.stores), STORES_PAGE)
    return page(
        request,
        "consent.html",
        visitor,
        nav="consent",
        as_of=state,
        names=names,
        chosen=chosen,
        found=found,
        lines=found.stores[start : start + STORES_PAGE],
        start=start,
        page_size=STORES_PAGE,
        months=_months(found.months, visitor.words),
        waiting=[store for store in found.stores if store.unproven],
    )


def _months(months: Months, t: Words) -> dict[str, object]:
    rows = [
        (t.month(month), t.number(given), t.number(withdrawn))
        for month, given, withdrawn in zip(
            months.months, months.given, months.withdrawn, strict=True
        )
    ]
    tips = [t("consent.tip", month=m, given=g, withdrawn=w) for m, g, w in rows]
    above, below = mirrored_ends(months.given, months.withdrawn)
    return {
        "svg": charts.mirrored(months.given, months.withdrawn, tips, t("consent.months")),
        "steps": [t.number(below), t.number(above)],
        "labels": [t.month(month, year=False) for month in months.months],
        "rows": rows,
        "empty": not any(months.given) and not any(months.withdrawn),
    }
