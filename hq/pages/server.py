"""The listener for people, apart from the one for stores: other ports, other rights, no secret
shared. It keeps nothing between requests, so that several instances serve one database.
"""

from __future__ import annotations

import asyncio
import mimetypes
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import hdrs, web

from hq import people
from hq.database import TROUBLE, opened
from hq.figures.working import keep_worked_out
from hq.pages import door, screens
from hq.pages.render import CLOCK, POOL, Clock, Visitor, page, words_of
from hq.pages.screens.signing import VISITOR

STATIC = Path(__file__).with_name("static")
OPEN_PATHS = ("/sign-in", "/static/", "/language/")
CONNECTIONS = 8
AWAY_S = 5.0  # how long a page waits for the database before it says that it is away

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def utc_now() -> datetime:
    """The clock of a headquarters that is not tried out."""
    return datetime.now(UTC)


def build(dsn: str, origin: str, clock: Clock = utc_now) -> web.Application:
    """The application on the database ``dsn``, seen by people at ``origin``."""
    app = web.Application(middlewares=[_trouble, _admit], client_max_size=64 * 1024)
    app[door.ORIGIN], app[CLOCK] = origin.rstrip("/"), clock

    async def database(app: web.Application) -> AsyncIterator[None]:
        async with opened(dsn, CONNECTIONS) as pool:
            app[POOL] = pool
            working = asyncio.create_task(keep_worked_out(pool, clock))
            yield
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working

    app.cleanup_ctx.append(database)
    app.router.add_routes(screens.ROUTES)
    app.router.add_routes(_static())
    app.on_response_prepare.append(_set_headers)
    return app


@web.middleware
async def _trouble(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page that says what happened and what to do, in the visitor's language."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except web.HTTPException as refused:
        kind = {403: "forbidden", 404: "missing"}.get(refused.status, "refused")
        return page(request, "trouble.html", _nobody(request), status=refused.status, kind=kind)
    except (*TROUBLE, TimeoutError):
        return page(request, "trouble.html", _nobody(request), status=503, kind="away")


def _nobody(request: web.Request) -> Visitor:
    return request.get(VISITOR) or Visitor(words=words_of(request))


@web.middleware
async def _admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in who is signed in; others may sign in, and see nothing else."""
    token = door.token_of(request)
    person = None
    if token is not None and not request.path.startswith("/static/"):
        async with request.app[POOL].acquire(timeout=AWAY_S) as connection:
            person = await people.signed_in(connection, token, request.app[CLOCK]())
    request[VISITOR] = Visitor(
        words=words_of(request), person=person, token=token if token and person else ""
    )
    if person is None and not request.path.startswith(OPEN_PATHS):
        raise web.HTTPSeeOther("/sign-in")
    if person is not None and request.method == hdrs.METH_POST and token is not None:
        await door.check_form(request, token)
    return await handler(request)


async def _set_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(door.HEADERS)


def _static() -> list[web.RouteDef]:
    """The files, listed once at start: no path from a request reaches the disk."""

    def serve(file: Path) -> Handler:
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {hdrs.CONTENT_TYPE: kind, hdrs.CACHE_CONTROL: "no-cache"}

        async def answer(request: web.Request) -> web.FileResponse:
            return web.FileResponse(file, headers=headers)

        return answer

    return [web.get(f"/static/{file.name}", serve(file)) for file in sorted(STATIC.iterdir())]


@asynccontextmanager
async def serve(
    dsn: str,
    host: str,
    port: int,
    origin: str | None = None,
    tls: ssl.SSLContext | None = None,
    clock: Clock = utc_now,
) -> AsyncIterator[str]:
    """Serve people for as long as the context lasts; gives the address for their browsers."""
    sock = socket.create_server((host, port), family=_family(host))
    shown = f"[{host}]" if ":" in host else host
    address = origin or f"{'https' if tls else 'http'}://{shown}:{sock.getsockname()[1]}"
    runner = web.AppRunner(build(dsn, address, clock), access_log=None)
    try:
        await runner.setup()
        await web.SockSite(runner, sock, ssl_context=tls).start()
        yield address
    finally:
        await runner.cleanup()
        sock.close()


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
