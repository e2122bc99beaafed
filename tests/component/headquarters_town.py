"""A real PostgreSQL, a real headquarters and its stores, and a line that can be cut."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import asyncpg
import msgspec
from component.flows_shop import SHOP, Shop
from component.loop_of_its_own import apart
from component.nats_broker import STARTS_WITHIN_S, Broker, listening, open_broker, until
from component.store_values import a_member, a_visit, opened_message
from faults.nursery import Job, Nursery
from ports import free_port

from edge import contract
from edge.app.headquarters import line_to
from edge.demo.town import new_database
from edge.errors import HeadquartersUnavailable
from edge.flows.changes import Changes
from edge.store import Transaction
from edge.sync.exchange import Exchange
from edge.sync.line import Line
from hq import authority, books, broker, feed, schema

Transport = Literal["https", "nats"]


@dataclass(slots=True)
class Headquarters:
    """Headquarters as a process of its own, which can be killed and started again."""

    dsn: str
    folder: Path
    port: int
    broker: Broker | None = None
    nursery: Nursery | None = None
    job: Job | None = None
    host: str = "127.0.0.1"

    @property
    def line_port(self) -> int:
        """Where stores come."""
        return self.broker.port if self.broker else self.port

    @property
    def url(self) -> str:
        return self.at(self.line_port)

    def at(self, port: int) -> str:
        """The address by way of another port, as a proxy's."""
        return f"{'nats' if self.broker else 'https'}://{self.host}:{port}"

    def another(self) -> Headquarters:
        """One more instance on the same database and server, not started yet."""
        return Headquarters(self.dsn, self.folder, free_port(), self.broker, self.nursery)

    def start(self) -> None:
        """Start it, and wait until stores can come, if the NATS server is there."""
        assert self.nursery is not None
        words = ["serve", "--dsn", self.dsn, "--folder", str(self.folder)]
        words += ["--host", self.host, "--port", str(self.port)]
        words += ["--nats", self.url] if self.broker else []
        self.job = self.nursery.start("hq", words=words, log=str(self.log))
        until(lambda: listening(self.port, self.host), self.job)
        if self.broker and self.broker.process:
            until(self.is_open, self.job)

    def is_open(self) -> bool:
        """Whether stores can come through the NATS server."""
        return "through nats" in self.log.read_text(encoding="utf-8")

    @property
    def log(self) -> Path:
        return self.folder / f"{self.port}.log"

    def kill(self) -> None:
        if self.job is not None:
            self.job.kill_and_wait()
            self.job = None

    async def admit(self, store_id: str, *, anew: bool = False) -> Path:
        """The folder of credentials of a new store, or new ones of an old store."""
        out = self.folder.parent / f"credentials-{store_id}{'-anew' if anew else ''}"

        async def enter(connection: asyncpg.Connection) -> None:
            await books.admit(connection, self.folder, store_id, out)
            await broker.write_users(connection, self.folder)

        await apart(self.dsn, enter)
        if self.broker:
            await asyncio.to_thread(self.broker.read_users_again)
        return out

    async def revoke(self, store_id: str) -> None:
        """Revoke a store; the NATS server has not been told yet."""

        async def strike(connection: asyncpg.Connection) -> None:
            await books.revoke(connection, store_id)
            await broker.write_users(connection, self.folder)

        await apart(self.dsn, strike)

    async def do(self, sql: str, *parameters: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return list(await connection.fetch(sql, *parameters))
        finally:
            await connection.close()

    async def tell(self, name: contract.Feed, *changes: tuple[str, contract.Down]) -> None:
        """Put changes into a feed."""
        connection = await asyncpg.connect(self.dsn)
        try:
            async with connection.transaction():
                await feed.append(connection, name, list(changes))
        finally:
            await connection.close()

    async def held(self, store_id: str = SHOP.id) -> list[str]:
        """The ids of all messages that were taken in, by their number in the store."""
        rows = await self.do(
            "SELECT message_id FROM events WHERE store_id = $1 ORDER BY sequence", store_id
        )
        return [row["message_id"] for row in rows]

    async def held_at_least(self, count: int, store_id: str = SHOP.id) -> list[str]:
        """What was taken in, once it is so much."""
        async with asyncio.timeout(STARTS_WITHIN_S):
            while len(held := await self.held(store_id)) < count:
                await asyncio.to_thread(time.sleep, 0.05)
        return held


@asynccontextmanager
async def open_headquarters(
    server: str,
    nursery: Nursery,
    folder: Path,
    transport: Transport = "https",
    *,
    called: str = "127.0.0.1",
) -> AsyncIterator[Headquarters]:
    """Headquarters with a database of its own on the server; ended at the end.

    ``called`` is the host by which machines know it.
    """
    dsn = await new_database(server)
    authorities = folder / "authority"
    await asyncio.to_thread(authority.make_authority, authorities, called)
    headquarters = Headquarters(dsn, authorities, free_port(), nursery=nursery)
    await apart(dsn, schema.prepare)
    if transport == "nats":
        headquarters.broker = await open_broker(dsn, authorities)
    try:
        await asyncio.to_thread(headquarters.start)
        yield headquarters
    finally:
        await asyncio.to_thread(headquarters.kill)
        if headquarters.broker:
            await asyncio.to_thread(headquarters.broker.kill)


@asynccontextmanager
async def exchange(shop: Shop, credentials: Path, url: str) -> AsyncIterator[Exchange]:
    """The gateway's end of the line, whose rounds the test asks for."""
    async with await line_to(url, credentials) as line:
        yield exchange_over(line, shop)


def exchange_over(line: Line, shop: Shop) -> Exchange:
    store_id = shop.config.id
    changes = Changes(shop.store, shop.feed, shop.enrollment, shop.clock, store_id=store_id)
    return Exchange(shop.store, changes, line, shop.headquarters, shop.clock, store_id=store_id)


async def going_on(pushing: asyncio.Task[None], line: Exchange) -> asyncio.Task[None]:
    """A push that failed because nobody answered begins anew, as the exchange's rounds do."""
    if not pushing.done():
        return pushing
    with suppress(HeadquartersUnavailable):
        await pushing
    return asyncio.create_task(line.push())


async def put_visits(shop: Shop, count: int) -> list[str]:
    """Messages of visits in the outbox; returns their ids."""
    member = a_member()
    messages = [
        msgspec.structs.replace(opened_message(a_visit(member)), store_id=SHOP.id)
        for _ in range(count)
    ]

    def story(tx: Transaction) -> None:
        for message in messages:
            tx.outbox.put(message)

    await shop.store.write(story)
    return [message.message_id for message in messages]


async def waiting(shop: Shop) -> int:
    return await shop.store.read(lambda reader: reader.outbox.count())


def numbered(sequence: int, message: contract.Message) -> contract.Numbered:
    return contract.Numbered(sequence=sequence, message=msgspec.Raw(contract.encode(message)))


class Proxy:
    """Hands bytes through, and loses the answers to large requests while it is told to.

    Inside TLS nothing can be told apart but sizes: a connection on which the store sent more
    than ``HANDSHAKE`` bytes carries a batch, and what headquarters says from then on is held
    back until ``said`` and then cut off with the connection.
    """

    HANDSHAKE = 8_000

    def __init__(self, port: int) -> None:
        self.lose_answers = 0
        self._to = port
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        sent = [0]
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._up(reader, back, sent))
                group.create_task(self._down(there, writer, sent))
        except* (ConnectionError, EOFError):
            pass
        finally:
            writer.close()
            back.close()
            self._tasks.discard(task)

    async def _up(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: list[int]
    ) -> None:
        while data := await reader.read(65536):
            sent[0] += len(data)
            writer.write(data)
            await writer.drain()
        raise EOFError

    async def _down(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: list[int]
    ) -> None:
        while data := await reader.read(65536):
            if self.lose_answers and sent[0] > self.HANDSHAKE:
                self.lose_answers -= 1
                raise EOFError
            writer.write(data)
            await writer.drain()
        raise EOFError
