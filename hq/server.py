"""The door to stores: HTTPS, each store known by the certificate it was given.

An instance keeps nothing between requests, so several serve one database.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import cast

import asyncpg
import msgspec
from aiohttp import web

from edge.contract import BATCH_BYTES, Batch, Code, Feed, Problem
from hq import feed, schema
from hq.ingest import ingest
from hq.problems import Refused
from hq.schema import Connection

POOL = web.AppKey("pool", asyncpg.Pool)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
FEEDS = ("withdrawals", "changes")


def build(dsn: str) -> web.Application:
    """The application on the database ``dsn``."""
    app = web.Application(middlewares=[problems], client_max_size=BATCH_BYTES)

    async def database(app: web.Application) -> AsyncIterator[None]:
        # Acknowledged means on the disk, whatever the server's own default is.
        settings = {"synchronous_commit": "on"}
        async with asyncpg.create_pool(
            dsn, min_size=1, max_size=8, server_settings=settings
        ) as pool:
            async with pool.acquire() as connection:
                await schema.prepare(connection)
            app[POOL] = pool
            yield

    app.cleanup_ctx.append(database)
    app.router.add_post("/v1/batches", take_batch)
    app.router.add_get("/v1/feeds/{feed}", give_page)
    return app


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what went wrong into a status and a stable code."""
    try:
        return await handler(request)
    except Refused as refused:
        return _problem(refused.status, refused.problem)
    except web.HTTPRequestEntityTooLarge:
        return _problem(413, Problem(code=Code.TOO_LARGE, detail="more than a batch may hold"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
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
    batch = unpack(await request.read())
    if batch.store_id != store_id:
        raise Refused(403, Code.FOREIGN_STORE, "the certificate is another store's")
    async with request.app[POOL].acquire() as connection:
        acknowledgement = await ingest(connection, store_id, batch)
    return web.Response(body=msgspec.json.encode(acknowledgement), content_type="application/json")


async def give_page(request: web.Request) -> web.Response:
    """``GET /v1/feeds/{withdrawals|changes}?after=CURSOR``."""
    name = request.match_info["feed"]
    after = request.query.get("after", "0")
    if name not in FEEDS or not after.isdecimal() or len(after) > 18:
        raise Refused(400, Code.MALFORMED, "no such feed, or a cursor that is no number")
    async with request.app[POOL].acquire() as connection:
        store_id = await _store(request, connection)
        page = await feed.page(connection, cast(Feed, name), store_id, int(after))
    return web.Response(body=msgspec.json.encode(page), content_type="application/json")


async def _store(request: web.Request, connection: Connection) -> str:
    """The store behind a request. A revoked certificate is refused from the next request on."""
    tls = request.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls else None
    row = certificate and await connection.fetchrow(
        "SELECT store_id, revoked_at FROM certificates WHERE fingerprint = $1",
        sha256(certificate).hexdigest(),
    )
    if not row:
        raise Refused(403, Code.STORE_UNKNOWN, "this certificate is not in the books")
    if row["revoked_at"] is not None:
        raise Refused(403, Code.STORE_REVOKED, "this certificate was revoked")
    return str(row["store_id"])


def unpack(packed: bytes) -> Batch:
    """A batch from gzip, never unpacking more than a batch may hold. Raises ``Refused``."""
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(packed, BATCH_BYTES)
        if stream.unconsumed_tail or not stream.eof:
            raise Refused(413, Code.TOO_LARGE, "more than a batch may hold, or cut short")
        return msgspec.json.decode(plain, type=Batch)
    except (zlib.error, msgspec.DecodeError) as error:
        raise Refused(400, Code.MALFORMED, "not a batch") from error


@asynccontextmanager
async def serve(dsn: str, context: ssl.SSLContext, host: str, port: int) -> AsyncIterator[int]:
    """Serve for as long as the context lasts; gives the port."""
    runner = web.AppRunner(build(dsn), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, ssl_context=context)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
