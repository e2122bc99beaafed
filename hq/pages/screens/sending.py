"""The form that sends a release to the stores: which one, to whom first, and how fast."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from aiohttp import web

from hq import people
from hq.figures import stores
from hq.pages.render import CLOCK, POOL, as_of, page
from hq.pages.screens.signing import VISITOR
from hq.problems import Mistake
from hq.releases import published, rollouts
from hq.releases.published import Published
from hq.releases.waves import HOURS_MOST, Wave, numbers

DESCRIBED_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What stands in the form: as it is offered, or as somebody filled it in."""

    version: str = ""
    first: tuple[str, ...] = ()
    shares: str = "10"
    hours: str = "24"

    def waves(self) -> list[Wave]:
        """The named stores, the shares, and at last all. Raises ``Mistake``."""
        parts = [part for part in re.split(r"[\s,，、%％]+", self.shares) if part]
        if not all(part.isascii() and part.isdecimal() and len(part) < 4 for part in parts):
            raise Mistake(f"{self.shares!r} are no shares of stores; e.g. 10, 50", "shares")
        shares: list[Wave] = [int(part) for part in parts if int(part) != 100]
        named: list[Wave] = [list(self.first)] if self.first else []
        return [*named, *shares, 100]

    def rest(self) -> int:
        """The hours between two waves. Raises ``Mistake``."""
        hours = self.hours.strip()
        if not (hours.isascii() and hours.isdecimal() and len(hours) < 6):
            raise Mistake(f"{self.hours!r} is no number of hours", "hours")
        return int(hours)


async def ask(request: web.Request) -> web.Response:
    """``GET /releases/send``."""
    try:
        there = await _published(request)
    except Mistake as mistake:
        return await _shown(request, Asked(), None, mistake, status=200)
    newest = max(there, key=numbers, default="") if there is not None else ""
    return await _shown(request, Asked(version=newest), there, None, status=200)


async def send(request: web.Request) -> web.Response:
    """``POST``: send it; who did so is written down."""
    visitor = request[VISITOR]
    assert visitor.person is not None
    asked, now, there = await _asked(request), request.app[CLOCK](), None
    try:
        waves, hours = asked.waves(), asked.rest()
        there = await _published(request)
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await rollouts.begin(
                connection, asked.version, waves, now, hours=hours, published=there
            )
            await people.note(
                *(connection, visitor.person.id, "release_begun", now),
                subject="release",
                reason=asked.version,
            )
    except Mistake as mistake:
        if there is None and mistake.code in ("shares", "hours"):
            there = await _published(request)
        return await _shown(request, asked, there, mistake, status=422)
    raise web.HTTPSeeOther("/releases")


async def _asked(request: web.Request) -> Asked:
    form = await request.post()

    def text(name: str) -> str:
        return str(form.get(name, "")).strip()[:DESCRIBED_MAX]

    first = tuple(dict.fromkeys(str(each) for each in form.getall("store", [])))
    return Asked(version=text("version"), first=first, shares=text("shares"), hours=text("hours"))


async def _published(request: web.Request) -> Published | None:
    """What there is to send; None where nobody has said where. Raises ``Mistake``."""
    async with request.app[POOL].acquire() as connection:
        source = await published.source(connection)
    return await asyncio.to_thread(published.read, source) if source else None


async def _shown(
    request: web.Request,
    asked: Asked,
    there: Published | None,
    mistake: Mistake | None,
    *,
    status: int,
) -> web.Response:
    async with request.app[POOL].acquire() as connection:
        found = await rollouts.running(connection)
        names = await stores.names(connection)
        on = await rollouts.newest(connection)
        state = await as_of(connection, request.app[CLOCK]())
    return page(
        request,
        "sending.html",
        request[VISITOR],
        nav="releases",
        status=status,
        as_of=state,
        asked=asked,
        there=there,
        versions=sorted(there or (), key=numbers, reverse=True),
        stores=sorted(found, key=lambda store: names.get(store.store_id, store.store_id)),
        names=names,
        is_on=on is not None and on.is_on,
        mistake=mistake,
        hours_most=HOURS_MOST,
    )
