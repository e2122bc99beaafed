"""The second door to stores: NATS. Batches come through JetStream, feeds are asked for.

Any number of instances share one consumer for each kind of batch and one queue group for pages.
The server lets a certificate speak on its own subjects alone, so the subject says who speaks; the
books are asked nevertheless, so that a revoked certificate is refused from the next message on.
Nothing goes to a subject that a store chose: answers go under the inbox of its certificate.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast, get_args

import asyncpg
import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from edge.contract import Code, Feed, Page, Problem, subjects
from edge.contract.subjects import Kind
from hq import books, database, feed
from hq.batches import unpacked
from hq.broker import HEADERS_BYTES, MAX_PAYLOAD
from hq.database import TROUBLE
from hq.problems import Refused
from hq.queue import GROUP, Taker, prepare

log = structlog.get_logger(__name__)

WORKERS: dict[Kind, int] = {"withdrawals": 2, "events": 4}
PAGE_WORKERS = 4
CONNECTIONS = 8
GZIP_LEVEL = 1
PINGS_EVERY_S = 10
CONNECTS_WITHIN_S = 5.0
CLOSES_WITHIN_S = 1.0
RESTS_S = 0.5  # after trouble with the server or the database


class Door:
    """What one instance does for the stores that come by NATS, while ``run`` runs."""

    def __init__(self, pool: asyncpg.Pool, dsn: str) -> None:
        self._pool = pool
        self._dsn = dsn
        self._client = Client()

    async def run(self, url: str, context: ssl.SSLContext, opened: Callable[[], None]) -> None:
        """Serve until cancelled, over one connection after another, however long the server stays
        away. ``opened`` is called whenever stores can come.
        """
        failures = 0
        while True:
            gone = asyncio.Event()
            try:
                await self._connect(url, context, gone)
                await prepare(self._client)
                async with asyncio.TaskGroup() as group:
                    await self._open(group)
                    await settled(self._client)
                    group.create_task(_until(gone))
                    failures = 0
                    opened()
            except* (OSError, TimeoutError, nats.errors.Error) as errors:
                failures += 1
                if failures == 1:
                    log.warning("nats_lost", what=type(errors.exceptions[0]).__name__)
            finally:
                await hang_up(self._client)
            await asyncio.sleep(RESTS_S)

    async def _connect(self, url: str, context: ssl.SSLContext, gone: asyncio.Event) -> None:
        async def closed() -> None:
            gone.set()

        self._client = Client()
        async with asyncio.timeout(CONNECTS_WITHIN_S):
            await self._client.connect(
                url,
                tls=context,
                tls_handshake_first=True,  # nobody between can talk us out of TLS
                inbox_prefix=subjects.inbox(subjects.HEADQUARTERS_NAME),
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                ping_interval=PINGS_EVERY_S,
                error_cb=_note,
                closed_cb=closed,
            )

    async def _open(self, group: asyncio.TaskGroup) -> None:
        taker = Taker(self._client, self._pool, self._answer)
        for kind, count in WORKERS.items():
            for _ in range(count):
                group.create_task(taker.run(kind))
        for name in get_args(Feed):
            for _ in range(PAGE_WORKERS):
                await self._client.subscribe(
                    subjects.pages(name, "*", "*"), queue=GROUP, cb=self._give_page
                )
        group.create_task(self._tell_of_withdrawals())

    async def visits(self, store_id: str, asked: subjects.VisitsAsked, within_s: float) -> bytes:
        """Ask a store for its aggregated visits; gives the encoded page.

        Raises ``Refused``: with the store's own code, or ``unavailable`` where it is not there.
        """
        try:
            answer = await self._client.request(
                subjects.visits(store_id), msgspec.json.encode(asked), timeout=within_s
            )
        except nats.errors.Error as error:
            raise Refused(503, Code.UNAVAILABLE, f"{store_id} does not answer") from error
        body = unpacked(answer.data)
        if not (answer.headers and subjects.PROBLEM_HEADER in answer.headers):
            return body
        try:
            problem = msgspec.json.decode(body, type=Problem)
        except msgspec.DecodeError as error:
            raise Refused(502, Code.MALFORMED, f"{store_id} says nothing of use") from error
        raise Refused(502, problem.code, problem.detail)

    async def _give_page(self, asked: Msg) -> None:
        name, _, certificate = asked.subject.rsplit(".", 2)
        token = asked.reply.removeprefix(f"{subjects.inbox(certificate)}.")
        if not token.isalnum():
            return
        try:
            page = await self._page(cast(Feed, name.rsplit(".", 1)[1]), certificate, asked.data)
        except Refused as refused:
            await self._answer(certificate, token, refused.problem)
        except TROUBLE:
            problem = Problem(code=Code.UNAVAILABLE, detail="the database is away")
            await self._answer(certificate, token, problem)
        else:
            await self._answer(certificate, token, page)

    async def _page(self, name: Feed, certificate: str, after: bytes) -> Page:
        if not after.isdigit() or len(after) > 18:
            raise Refused(400, Code.MALFORMED, "a cursor that is no number")
        async with self._pool.acquire() as connection:
            store_id = await books.store_of(connection, name=certificate)
            async with books.counting(connection, store_id):
                return await feed.page(connection, name, store_id, int(after))

    async def _tell_of_withdrawals(self) -> None:
        """Let every store ask at once, whichever instance or command withdrew."""
        while True:
            try:
                await self._listen()
            except (*TROUBLE, nats.errors.Error) as error:
                log.warning("withdrawals_told_late", what=type(error).__name__)
                await asyncio.sleep(RESTS_S)

    async def _listen(self) -> None:
        heard = asyncio.Event()
        connection = await asyncpg.connect(self._dsn)
        try:
            await connection.add_listener(feed.WITHDRAWN, lambda *_: heard.set())
            connection.add_termination_listener(lambda *_: heard.set())
            while not connection.is_closed():
                await self._client.publish(subjects.WITHDRAWAL_TOLD)
                await heard.wait()
                heard.clear()
        finally:
            await connection.close()

    async def _answer(self, certificate: str, token: str, what: msgspec.Struct) -> None:
        headers = {subjects.PROBLEM_HEADER: str(what.code)} if isinstance(what, Problem) else None
        subject = subjects.answer(certificate, token)
        await self._client.publish(subject, packed(what), headers=headers)


def packed(what: msgspec.Struct) -> bytes:
    """An answer as gzip. A page that is more than the server carries is cut; the rest remains."""
    body = gzip.compress(msgspec.json.encode(what), GZIP_LEVEL)
    if isinstance(what, Page) and len(body) > MAX_PAYLOAD - HEADERS_BYTES:
        kept = what.changes[: len(what.changes) // 2]
        left = what.remaining + len(what.changes) - len(kept)
        return packed(Page(changes=kept, cursor=kept[-1].position, remaining=left))
    return body


async def settled(client: Client) -> None:
    """Wait until the server has read everything, so that it knows of each subscription.

    The client sends its ping past what still waits to be sent, which it sends right after: only
    the second pong says that the server has read it all.
    """
    for _ in range(2):
        await client.flush()


async def _until(gone: asyncio.Event) -> None:
    await gone.wait()
    raise nats.errors.ConnectionClosedError


async def hang_up(client: Client) -> None:
    """Close a connection, and wait no longer than that for a goodbye that may never come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSES_WITHIN_S):
            await client.close()


async def _note(error: Exception) -> None:
    expected = isinstance(error, (OSError, TimeoutError, nats.errors.Error))
    (log.debug if expected else log.error)("nats_trouble", what=type(error).__name__)


@asynccontextmanager
async def serve(
    url: str, context: ssl.SSLContext, dsn: str, opened: Callable[[], None]
) -> AsyncIterator[Door]:
    """Serve in the background for as long as the context lasts."""
    async with database.opened(dsn, CONNECTIONS) as pool, asyncio.TaskGroup() as group:
        door = Door(pool, dsn)
        running = group.create_task(door.run(url, context, opened))
        yield door
        running.cancel()
