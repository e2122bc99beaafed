"""A real PostgreSQL, a real headquarters and its stores, and a line that can be cut."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import asyncpg
import msgspec
from component.flows_shop import SHOP, Shop
from component.store_values import a_member, a_visit, opened_message

from edge import contract
from edge.app.headquarters import line_to
from edge.demo.town import PROJECT, free_port, nats_server, new_database
from edge.flows.changes import Changes
from edge.store import Transaction
from edge.sync.exchange import Exchange
from edge.sync.line import Line
from hq import authority, books, broker, feed, schema

STARTS_WITHIN_S = 30.0
READ_AGAIN = "Reloaded server configuration"


Transport = Literal["https", "nats"]


@dataclass(slots=True)
class Broker:
    """A NATS server as a process of its own, which can be killed and started again."""

    config: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(nats_server(self.config), stderr=said)
        until(lambda: listening(self.port), self.process)

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def read_users_again(self) -> None:
        """As an operator tells it, who was told so by ``python -m hq admit``."""
        if self.process is not None:
            before = self.log.read_text().count(READ_AGAIN)
            self.process.send_signal(signal.SIGHUP)
            until(lambda: self.log.read_text().count(READ_AGAIN) > before, self.process)

    @property
    def log(self) -> Path:
        return self.config.with_name("log")


@dataclass(slots=True)
class Headquarters:
    """Headquarters as a process of its own, which can be killed and started again."""

    dsn: str
    folder: Path
    port: int
    broker: Broker | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def line_port(self) -> int:
        """Where stores come."""
        return self.broker.port if self.broker else self.port

    @property
    def url(self) -> str:
        return self.at(self.line_port)

    def at(self, port: int) -> str:
        """The address by way of another port, as a proxy's."""
        return f"{'nats' if self.broker else 'https'}://127.0.0.1:{port}"

    def start(self) -> None:
        """Start it, and wait until stores can come, if the NATS server is there."""
        nats = ["--nats", self.url] if self.broker else []
        with (self.folder / "log").open("wb") as said:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "hq", "serve", "--dsn", self.dsn),
                    *("--folder", str(self.folder), "--port", str(self.port), *nats),
                ],
                cwd=PROJECT,
                stdout=said,
                env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
            )
        until(lambda: listening(self.port), self.process)
        if self.broker and self.broker.process:
            until(self.is_open, self.process)

    def is_open(self) -> bool:
        """Whether stores can come through the NATS server."""
        return "through nats" in (self.folder / "log").read_text(encoding="utf-8")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    async def admit(self, store_id: str) -> Path:
        """The folder of credentials of a new store."""
        out = self.folder.parent / f"credentials-{store_id}"
        connection = await asyncpg.connect(self.dsn)
        try:
            await books.admit(connection, self.folder, store_id, out)
            await broker.write_users(connection, self.folder)
        finally:
            await connection.close()
        if self.broker:
            await asyncio.to_thread(self.broker.read_users_again)
        return out

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


def until(done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if done():
            return
        time.sleep(0.02)
    raise AssertionError(f"{process.args} did not start")


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@asynccontextmanager
async def open_headquarters(
    server: str, folder: Path, transport: Transport = "https"
) -> AsyncIterator[Headquarters]:
    """Headquarters with a database of its own on the server; ended at the end."""
    dsn = await new_database(server)
    authorities = folder / "authority"
    await asyncio.to_thread(authority.make_authority, authorities, "127.0.0.1")
    headquarters = Headquarters(dsn, authorities, free_port())
    connection = await asyncpg.connect(dsn)
    await schema.prepare(connection)
    if transport == "nats":
        port = free_port()
        await broker.write(connection, authorities, "127.0.0.1", port)
        headquarters.broker = Broker(broker.config_of(authorities), port)
        await asyncio.to_thread(headquarters.broker.start)
    await connection.close()
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
