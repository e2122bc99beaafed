"""Regulars whose rhythm is broken. A list shows rhythms; a name is shown to one person at a time,
who is written down for it.
"""

from __future__ import annotations

from aiohttp import web

from hq import charts, people
from hq.figures import regulars, stores
from hq.figures.regulars import GONE_AFTER_DAYS, PAGE, Regular
from hq.pages.render import CLOCK, POOL, as_of, page, page_start
from hq.pages.screens.signing import VISITOR, missing
from hq.pages.words import Words

LISTED_MOST = 100_000  # nobody reads further


async def show(request: web.Request) -> web.Response:
    """``GET /regulars?store=STORE&from=N``."""
    visitor = request[VISITOR]
    async with request.app[POOL].acquire() as connection:
        state = await as_of(connection, request.app[CLOCK]())
        names = await stores.names(connection)
        chosen = stores.chosen(names, request.query.get("store"))
        start = page_start(request, LISTED_MOST, PAGE)
        found = await regulars.at_risk(connection, state.today, chosen, start)
    return page(
        request,
        "regulars.html",
        visitor,
        nav="regulars",
        as_of=state,
        names=names,
        chosen=chosen,
        found=found,
        start=start,
        page_size=PAGE,
        lines=[(one, _strip(one, visitor.words)) for one in found.regulars],
        by_store=sorted(found.by_store, key=lambda row: -row[1]),
    )


async def show_line(request: web.Request) -> web.Response:
    """``GET /regulars/MEMBER``: written down before it is shown."""
    visitor = request[VISITOR]
    assert visitor.person is not None
    member_id, now = request.match_info["member_id"], request.app[CLOCK]()
    subject = f"member:{member_id}"
    async with request.app[POOL].acquire() as connection:
        state = await as_of(connection, now)
        line = await regulars.line(connection, member_id)
        rhythm = await regulars.regular(connection, state.today, member_id)
        if line is None or rhythm is None:
            missing()
        await people.note(connection, visitor.person.id, "member_looked_at", now, subject=subject)
        looks = await people.noted(connection, subject)
        names = await stores.names(connection)
    return page(
        request,
        "regular.html",
        visitor,
        nav="regulars",
        as_of=state,
        names=names,
        line=line,
        rhythm=rhythm,
        strip=_strip(rhythm, visitor.words),
        looks=looks,
    )


def _strip(one: Regular, t: Words) -> object:
    label = t("regular.strip", silent=one.silent_days, usual=round(one.usual_days))
    return charts.strip(one.seen, GONE_AFTER_DAYS, label)
