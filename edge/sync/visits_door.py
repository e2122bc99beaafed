"""The door at which headquarters pulls aggregated visits: a listener of its own.

TLS lets nobody in without a certificate of the chain's authority, and of those who have one only
headquarters may ask: its certificate says so, and no store's does.
"""

from __future__ import annotations

import csv
import io
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from edge.contract import PAGE_ROWS, Code, FootfallPage, FootfallRow, Problem
from edge.contract.subjects import CERTIFICATE_URI, HEADQUARTERS_NAME
from edge.errors import ConfigError, CursorAhead, StoreUnavailable
from edge.flows.footfall import Footfall

PATH = "/hq/v1/visits"
CURSOR, REMAINING = "Regulars-Cursor", "Regulars-Remaining"
FOOTFALL = web.AppKey("footfall", Footfall)
CSV, JSON = "text/csv", "application/json"
FORMATS = {"csv": CSV, "json": JSON}
COLUMNS = FootfallRow.__struct_fields__
HEADQUARTERS = ("URI", CERTIFICATE_URI + HEADQUARTERS_NAME)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Refused(Exception):
    def __init__(self, status: int, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


def build(footfall: Footfall) -> web.Application:
    """The application; it trusts its listener to have checked the certificate's authority."""
    app = web.Application(middlewares=[problems, headquarters_only])
    app[FOOTFALL] = footfall
    app.router.add_get(PATH, give_page)
    return app


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into a status and a stable code (RFC 9457)."""
    try:
        return await handler(request)
    except _Refused as refused:
        return _problem(refused.status, refused.code, refused.detail)
    except CursorAhead as error:
        return _problem(409, Code.CURSOR_AHEAD, error.message)
    except StoreUnavailable as error:
        return _problem(503, Code.UNAVAILABLE, error.message)
    except web.HTTPException as error:
        return _problem(error.status, Code.MALFORMED, f"ask GET {PATH}")


@web.middleware
async def headquarters_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a certificate that is not headquarters' own."""
    certificate = request.get_extra_info("peercert") or {}
    if HEADQUARTERS not in certificate.get("subjectAltName", ()):
        raise _Refused(403, Code.NOT_HEADQUARTERS, "only headquarters may ask for these")
    return await handler(request)


async def give_page(request: web.Request) -> web.Response:
    """``GET /hq/v1/visits?after=CURSOR&limit=ROWS&format=json|csv``; or by ``Accept``."""
    page = await request.app[FOOTFALL].page(
        _number(request, "after", 0, 2**53), _number(request, "limit", PAGE_ROWS, PAGE_ROWS)
    )
    kind = _format(request)
    return web.Response(
        body=_csv(page) if kind == CSV else msgspec.json.encode(page),
        content_type=kind,
        charset="utf-8" if kind == CSV else None,
        headers={CURSOR: str(page.cursor), REMAINING: str(page.remaining)},
    )


def _format(request: web.Request) -> str:
    asked = request.query.get("format")
    if asked is None:
        return CSV if CSV in request.headers.get("Accept", "") else JSON
    if asked not in FORMATS:
        raise _Refused(400, Code.MALFORMED, "format is json or csv")
    return FORMATS[asked]


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) <= 16 and int(text) <= most):
        raise _Refused(400, Code.MALFORMED, f"{name} is a whole number up to {most}")
    return int(text)


def _csv(page: FootfallPage) -> bytes:
    """A header and a line for each row; the names of hidden numbers stand in one cell."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for row in page.rows:
        lines.writerow([_cell(getattr(row, name)) for name in COLUMNS])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return " ".join(value) if isinstance(value, tuple) else value


def _problem(status: int, code: Code, detail: str) -> web.Response:
    body = msgspec.json.encode(Problem(code=code, detail=detail[:400]))
    return web.Response(status=status, body=body, content_type="application/problem+json")


@asynccontextmanager
async def serve_headquarters(
    footfall: Footfall, context: ssl.SSLContext, address: str
) -> AsyncIterator[int]:
    """Serve for as long as the context lasts; gives the port. Raises ``ConfigError``."""
    host, _, port = address.rpartition(":")
    runner = web.AppRunner(build(footfall), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host.strip("[]"), int(port), ssl_context=context)
        try:
            await site.start()
        except (OSError, OverflowError) as error:
            raise ConfigError(
                f"headquarters.listen: {address} cannot be used ({error}); choose another port, "
                "or end the program that has it"
            ) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
