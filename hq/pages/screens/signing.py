"""Coming in by an invitation, going out, and the language of the pages."""

from __future__ import annotations

from typing import NoReturn

from aiohttp import web

from hq import people
from hq.pages import door
from hq.pages.render import CLOCK, POOL, Visitor, page
from hq.pages.words import LANGUAGES

VISITOR: web.RequestKey[Visitor] = web.RequestKey("visitor")


async def ask(request: web.Request) -> web.Response:
    """The form for the code of an invitation, which the link carries behind its ``#``."""
    return page(request, "sign_in.html", request[VISITOR], refused=False)


async def enter(request: web.Request) -> web.Response:
    """Turn a code into a session, once."""
    door.check_origin(request)
    code = str((await request.post()).get("code", "")).strip()
    async with request.app[POOL].acquire() as connection:
        token = await people.enter(connection, code, request.app[CLOCK]())
    if token is None:
        return page(request, "sign_in.html", request[VISITOR], status=403, refused=True)
    response = web.Response(status=303, headers={"Location": "/"})
    door.keep(response, request, token)
    return response


async def leave(request: web.Request) -> web.Response:
    """End this browser's session."""
    visitor = request[VISITOR]
    async with request.app[POOL].acquire() as connection:
        await people.leave(connection, visitor.token)
    response = web.Response(status=303, headers={"Location": "/sign-in"})
    door.forget(response, request)
    return response


async def choose_language(request: web.Request) -> web.Response:
    """Keep the language that was chosen, and go back."""
    language = request.match_info["language"]
    if language not in LANGUAGES:
        missing()
    back = request.query.get("back", "/")
    here = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    response = web.Response(status=303, headers={"Location": here})
    door.keep_language(response, request, language)
    return response


def missing() -> NoReturn:
    """Say that there is nothing at this address."""
    raise web.HTTPNotFound
