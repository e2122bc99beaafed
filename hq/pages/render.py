"""Templates to answers, with what every page needs: words, a person, the state of the data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import asyncpg
from aiohttp import hdrs, web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hq.cells import FEW
from hq.pages.door import LANGUAGE_COOKIE, form_token
from hq.pages.words import LANGUAGES, Language, Words, choose
from hq.people import Person
from hq.schema import Connection

POOL = web.AppKey("pool", asyncpg.Pool)
Clock: TypeAlias = Callable[[], datetime]
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
STORES_PAGE = 50  # lines of a list of stores
NAV = ("overview", "repurchase", "regulars", "consent", "quarantine", "releases")
PATHS = {"overview": "/", **{name: f"/{name}" for name in NAV[1:]}}

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_WORDS: dict[Language, Words] = {language: Words(language) for language in LANGUAGES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever asks: their language, and who they are once they are signed in."""

    words: Words
    person: Person | None = None
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """The state of the data: when the page was made, in the chain's zone, and how far the figures
    over all of the past reach."""

    now: datetime
    time_zone: str
    worked_out_at: datetime | None

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.time_zone)).date()


def words_of(request: web.Request) -> Words:
    """The words of whoever asks."""
    accept = request.headers.get(hdrs.ACCEPT_LANGUAGE, "")
    return _WORDS[choose(request.cookies.get(LANGUAGE_COOKIE), accept)]


def page(
    request: web.Request,
    template: str,
    visitor: Visitor,
    *,
    nav: str = "",
    status: int = 200,
    as_of: AsOf | None = None,
    **values: object,
) -> web.Response:
    """A page in the visitor's language. Nothing between here and them may keep it."""
    text = _ENVIRONMENT.get_template(template).render(
        t=visitor.words,
        person=visitor.person,
        form_token=form_token(visitor.token) if visitor.token else "",
        nav=nav,
        paths=PATHS,
        here=request.rel_url.path_qs if request.method == "GET" else "/",
        as_of=as_of,
        FEW=FEW,
        **values,
    )
    return web.Response(
        text=text,
        status=status,
        content_type="text/html",
        headers={hdrs.CACHE_CONTROL: "no-store"},
    )


async def as_of(connection: Connection, now: datetime) -> AsOf:
    """The state of the data. The chain's zone is the one most of its stores are in."""
    row = await connection.fetchrow(
        "SELECT (SELECT max(at) FROM figures_worked_out) AS at, "
        "(SELECT mode() WITHIN GROUP (ORDER BY time_zone) FROM shops) AS zone"
    )
    assert row is not None
    return AsOf(now=now, time_zone=row["zone"] or "UTC", worked_out_at=row["at"])


def page_start(request: web.Request, count: int, size: int) -> int:
    """Where a list of ``count`` lines begins: as ``?from=`` says, or at 0, never behind its end."""
    text = request.query.get("from", "")
    wanted = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    return min(wanted, max(count - 1, 0)) // size * size
