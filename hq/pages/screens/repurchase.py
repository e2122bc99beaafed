"""Who came back to buy."""

from __future__ import annotations

from aiohttp import web

from hq import charts
from hq.cells import Few, Share
from hq.figures import repurchase, stores
from hq.figures.repurchase import Cohort, Rate
from hq.pages.render import CLOCK, POOL, STORES_PAGE, as_of, page, page_start
from hq.pages.screens.signing import VISITOR
from hq.pages.words import Words


async def show(request: web.Request) -> web.Response:
    """``GET /repurchase?store=STORE``."""
    visitor = request[VISITOR]
    async with request.app[POOL].acquire() as connection:
        state = await as_of(connection, request.app[CLOCK]())
        names = await stores.names(connection)
        chosen = stores.chosen(names, request.query.get("store"))
        chain, *rates = await repurchase.rates(connection)
        cohorts = await repurchase.cohorts(connection, state.today, chosen)
    ranked = sorted(rates, key=_rank)
    start = page_start(request, len(ranked), STORES_PAGE)
    shown = ranked[start : start + STORES_PAGE]
    own = next((rate for rate in rates if rate.store_id == chosen), None)
    return page(
        request,
        "repurchase.html",
        visitor,
        nav="repurchase",
        as_of=state,
        names=names,
        chosen=chosen,
        chain=chain,
        own=own if chosen else chain,
        own_bar=charts.level(own.rate if own else None, chain.rate)
        if chosen
        else charts.level(chain.rate, None),
        rates=[(rate, charts.level(rate.rate, chain.rate)) for rate in shown],
        start=start,
        page_size=STORES_PAGE,
        count=len(ranked),
        triangle=_triangle(cohorts, visitor.words),
    )


def _rank(rate: Rate) -> tuple[float, str]:
    """The highest first; rates that are not shown stand at the end, by the store's id."""
    return (-rate.rate if isinstance(rate.rate, float) else 1.0, rate.store_id)


def _triangle(cohorts: list[Cohort], t: Words) -> dict[str, object]:
    def said(share: Share) -> str:
        return t.percent(share, 0)

    width = max((len(cohort.shares) for cohort in cohorts), default=0)
    rows = [
        [
            charts.Square(
                share,
                t(
                    "cohort.tip",
                    month=t.month(cohort.month),
                    later=later,
                    share=said(share),
                    size=t.number(cohort.size),
                ),
            )
            for later, share in enumerate(cohort.shares, start=1)
        ]
        + [charts.Square(None, "")] * (width - len(cohort.shares))
        for cohort in cohorts
    ]
    return {
        "svg": charts.heat(rows, t("repurchase.cohorts")),
        "months": [
            t.month(cohort.month, year=cohort.month.month == 1 or not i)
            for i, cohort in enumerate(cohorts)
        ],
        "sizes": [t.number(cohort.size) for cohort in cohorts],
        "ends": [said(end) for end in charts.ends(rows) if end],
        "width": width,
        "rows": [[said(share) for share in cohort.shares] for cohort in cohorts],
        "few": any(isinstance(s, Few) for cohort in cohorts for s in cohort.shares),
    }
