"""The door to stores: HTTPS, each store known by the certificate it was given.

An instance keeps nothing between requests, so several serve one database.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

import asyncpg
import msgspec
from aiohttp import web

from edge.contract import BATCH_BYTES, AdmissionAsked, Code, Feed, Problem
from hq import books, broker, door, feed
from hq.batches import take
from hq.claims.admission import admit, note_refusal
from hq.database import TROUBLE, opened
from hq.problems import Refused
from hq.renewal import renewal
from hq.schema import Connection

POOL = web.AppKey("pool", asyncpg.Pool)
FOLDER = web.AppKey("folder", Path)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FEEDS = ("withdrawals", "changes")
CONNECTIONS = 8
READ_WITHIN_S = 60.0  # as long as a gateway waits


def build(dsn: str, folder: Path) -> web.Application:
    """The application on the database ``dsn``; the authority in ``folder`` signs admissions."""
    app = web.Application(middlewares=[problems], client_max_size=BATCH_BYTES + 1)
    app[FOLDER] = folder

    async def database(app: web.Application) -> AsyncIterator[None]:
        async with opened(dsn, CONNECTIONS) as pool:
            app[POOL] = pool
            async with renewal(pool):
                yield

    app.cleanup_ctx.append(database)
    app.router.add_post("/v1/batches", take_batch)
    app.router.add_post("/v1/admissions", take_in)
    app.router.add_get("/v1/feeds/{feed}", give_page)
    return app


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into a status and a stable code."""
    try:
        return await handler(request)
    except Refused as refused:
        return _problem(refused.status, refused.problem)
    except TROUBLE:
        return _problem(503, Problem(code=Code.UNAVAILABLE, detail="the database is away"))


def _problem(status: int, problem: Problem) -> web.Response:
    return web.Response(
        status=status,
        body=msgspec.json.encode(problem),
        content_type="application/problem+json",
    )


async def take_batch(request: web.Request) -> web.Response:
    """``POST /v1/batches``: acknowledged once everything in it is durable."""
    async with request.app[POOL].acquire() as connection:
        store_id = await _store(request, connection)
    try:
        packed = await _body(request)
    except Refused as refused:
        async with request.app[POOL].acquire() as connection:
            await books.count_refusal(connection, store_id, refused.problem.code)
        raise
    acknowledgement = await take(request.app[POOL], store_id, packed)
    return web.Response(body=msgspec.json.encode(acknowledgement), content_type="application/json")


async def _body(request: web.Request) -> bytes:
    """What a store sends, if it is not too much and does not come a byte at a time."""
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Refused(413, Code.TOO_LARGE, "more than a batch may hold") from error
    except TimeoutError as error:
        raise Refused(408, Code.TOO_SLOW, "the batch did not come to its end") from error


async def give_page(request: web.Request) -> web.Response:
    """``GET /v1/feeds/{withdrawals|changes}?after=CURSOR``."""
    name = request.match_info["feed"]
    after = request.query.get("after", "0")
    if name not in FEEDS or not after.isdecimal() or len(after) > 18:
        raise Refused(400, Code.MALFORMED, "no such feed, or a cursor that is no number")
    async with request.app[POOL].acquire() as connection:
        store_id = await _store(request, connection)
        async with books.counting(connection, store_id):
            page = await feed.page(connection, cast(Feed, name), store_id, int(after))
    answer = web.Response(body=msgspec.json.encode(page), content_type="application/json")
    if page.changes:
        answer.enable_compression()  # a full page shrinks to a tenth
    return answer


async def take_in(request: web.Request) -> web.Response:
    """``POST /v1/admissions``: with the certificate of a claim, a certificate for the store."""
    body = await _body(request)
    try:
        asked = msgspec.json.decode(body, type=AdmissionAsked)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, Code.MALFORMED, "no admission is asked for here") from error
    folder, shown = request.app[FOLDER], _fingerprint(request)
    async with request.app[POOL].acquire() as connection:
        now = datetime.now(UTC)
        try:
            async with connection.transaction():
                admitted = await admit(connection, folder, shown, asked.request, now)
        except Refused as refused:
            await note_refusal(connection, shown, refused, now)
            raise
        await broker.write_users(connection, folder)
    return web.Response(body=msgspec.json.encode(admitted), content_type="application/json")


async def _store(request: web.Request, connection: Connection) -> str:
    """The store behind a request. A revoked certificate is refused from the next request on."""
    return await books.store_of(connection, fingerprint=_fingerprint(request))


def _fingerprint(request: web.Request) -> str:
    """SHA-256 of the certificate that was shown."""
    tls = request.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls else None
    return sha256(certificate).hexdigest() if certificate else ""


@asynccontextmanager
async def serve(
    dsn: str, folder: Path, context: ssl.SSLContext, host: str, port: int
) -> AsyncIterator[int]:
    """Serve for as long as the context lasts; gives the port."""
    runner = web.AppRunner(build(dsn, folder), access_log=None)
    await runner.setup()
    assert runner.server is not None
    try:
        async with door.opened(runner.server, context, host, port) as bound:
            yield bound
    finally:
        await runner.cleanup()
