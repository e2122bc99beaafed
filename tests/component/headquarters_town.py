"""A real PostgreSQL, a real headquarters and its stores, and a line that can be cut."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import msgspec
from component.flows_shop import SHOP, Shop
from component.store_values import a_member, a_visit, opened_message

from edge import contract
from edge.demo.town import PROJECT, free_port, new_database
from edge.flows.changes import Changes
from edge.store import Transaction
from edge.sync.exchange import Exchange
from edge.sync.https import HttpsLine, client_context
from hq import authority, feed, schema

STARTS_WITHIN_S = 30.0


@dataclass(slots=True)
class Headquarters:
    """Headquarters as a process of its own, which can be killed and started again."""

    dsn: str
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "hq", "serve", "--dsn", self.dsn),
                *("--folder", str(self.folder), "--port", str(self.port)),
            ],
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("headquarters did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    async def admit(self, store_id: str) -> Path:
        """The folder of credentials of a new store."""
        out = self.folder.parent / f"credentials-{store_id}"
        fingerprint = authority.issue_store(self.folder, out, store_id)
        await self.do("INSERT INTO stores (id) VALUES ($1) ON CONFLICT DO NOTHING", store_id)
        await self.do(
            "INSERT INTO certificates (fingerprint, store_id) VALUES ($1, $2)",
            *(fingerprint, store_id),
        )
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


@asynccontextmanager
async def open_headquarters(server: str, folder: Path) -> AsyncIterator[Headquarters]:
    """Headquarters with a database of its own on the server; ended at the end."""
    dsn = await new_database(server)
    connection = await asyncpg.connect(dsn)
    await schema.prepare(connection)
    await connection.close()
    await asyncio.to_thread(authority.make_authority, folder / "authority", "127.0.0.1")
    headquarters = Headquarters(dsn, folder / "authority", free_port())
    await asyncio.to_thread(headquarters.start)
    try:
        yield headquarters
    finally:
        await asyncio.to_thread(headquarters.kill)


@asynccontextmanager
async def exchange(shop: Shop, credentials: Path, port: int) -> AsyncIterator[Exchange]:
    """The gateway's end of the line, whose rounds the test asks for."""
    context = await asyncio.to_thread(client_context, credentials)
    changes = Changes(shop.store, shop.feed, shop.enrollment, shop.clock, store_id=SHOP.id)
    async with HttpsLine(f"https://127.0.0.1:{port}", context) as line:
        yield Exchange(shop.store, changes, line, shop.headquarters, shop.clock, store_id=SHOP.id)


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
