"""A chain: a real headquarters on a real PostgreSQL, and its stores on real SQLite."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
from component import headquarters_town
from component.flows_shop import Shop
from component.headquarters_town import Transport, exchange_over
from component.nats_broker import open_broker
from faults.nursery import Job, Nursery, until
from faults.outlets import CAMPAIGN, Outlet
from ports import free_port

from edge.app.headquarters import line_to
from edge.sync.https import HttpsLine
from edge.sync.line import Line
from edge.sync.nats import NatsLine
from hq import leases, schema

HOST = "127.0.0.1"


@dataclass(slots=True)
class Headquarters(headquarters_town.Headquarters):
    """Headquarters forked in no time, on the port it had before."""

    through: str | None = None
    """Another way to the database than our own, which a test can cut."""
    page: int | None = None
    network: str | None = None
    host: str = HOST

    async def up(self, **given: object) -> None:
        """Start it, and wait until it serves."""
        assert self.nursery is not None
        if self.job is not None:  # killed a moment ago it may still hold the port
            await self.job.end()
        ready = self.folder.parent / f"ready-{uuid4().hex}"
        self.job = job = await asyncio.to_thread(
            self.nursery.start,
            "headquarters",
            network=self.network,
            dsn=self.through or self.dsn,
            folder=str(self.folder),
            host=self.host,
            port=self.port,
            ready=str(ready),
            page=self.page,
            nats=self.url if self.broker else None,
            **given,
        )
        await until("headquarters", lambda: ready.exists() or not job.alive())
        assert ready.exists(), f"headquarters ended with {job.code}"

    async def down(self) -> None:
        """``kill -9``."""
        if self.job is not None:
            await self.job.kill()

    def beside(self) -> Headquarters:
        """Another instance on the same database."""
        return Headquarters(
            *(self.dsn, self.folder, free_port(), self.broker),
            nursery=self.nursery,
            page=self.page,
        )


@dataclass(slots=True)
class Chain:
    """Headquarters and its stores, as a test holds them."""

    headquarters: Headquarters
    folder: Path
    nursery: Nursery
    outlets: dict[str, Outlet] = field(default_factory=dict)

    async def outlet(self, store_id: str) -> Outlet:
        """Admit a store and make its empty database."""
        credentials = await self.headquarters.admit(store_id)
        outlet = Outlet(store_id, self.folder / store_id, credentials)
        self.outlets[store_id] = outlet
        async with outlet.open():
            return outlet

    async def grant(self, store_id: str, uses: int) -> None:
        """A lease of the campaign's vouchers to one store."""
        lease = leases.Lease(
            id=f"lease-{store_id}",
            campaign_id=CAMPAIGN.id,
            store_id=store_id,
            uses=uses,
            lasts=timedelta(days=1000),
            renews=False,
        )
        connection = await asyncpg.connect(self.headquarters.dsn)
        try:
            await leases.grant(connection, [lease])
        finally:
            await connection.close()

    def url(self, port: int | None) -> str:
        """The way to a port of a proxy's, or to headquarters itself."""
        return self.headquarters.at(port or self.headquarters.line_port)

    @asynccontextmanager
    async def line(self, outlet: Outlet, port: int | None = None) -> AsyncIterator[Line]:
        """The line of a store."""
        async with await line_to(self.url(port), outlet.credentials) as line:
            yield line

    async def round(self, outlet: Outlet, shop: Shop, port: int | None = None) -> None:
        """Bring an open store and headquarters in line once."""
        async with self.line(outlet, port) as line:
            await exchange_over(line, shop).round()

    async def settle(self) -> None:
        """Everything that is right again: each store twice, so that each hears of each."""
        for _ in range(2):
            for outlet in self.outlets.values():
                async with outlet.open() as shop:
                    await self.round(outlet, shop)

    async def gateway(self, outlet: Outlet, port: int | None = None, **given: Any) -> Job:
        """A gateway in a process of its own."""
        how: dict[str, object] = {
            "state": str(outlet.state),
            "store_id": outlet.id,
            "credentials": str(outlet.credentials),
            "at": outlet.clock().isoformat(),
            "ready": str(outlet.state.with_suffix(".ready")),
            "url": self.url(port),
        }
        return await asyncio.to_thread(self.nursery.start, "gateway", **(how | given))


@contextmanager
def impatient(line: Line, patience_s: float) -> Iterator[None]:
    """A line that waits so long for an answer that does not come, instead of twenty seconds.

    Only while none can come: one that can may take longer than that on a busy machine.
    """
    if isinstance(line, NatsLine):
        usual_s, line._answers_within_s = line._answers_within_s, patience_s
        yield
        line._answers_within_s = usual_s
        return
    assert isinstance(line, HttpsLine)
    assert line._session is not None
    usual = line._session._timeout
    line._session._timeout = aiohttp.ClientTimeout(total=patience_s)
    yield
    line._session._timeout = usual


async def emptied(dsn: str) -> None:
    """The tables as new, and each message at headquarters with its place in the order of
    arrival, which its own number does not tell."""
    connection = await asyncpg.connect(dsn)
    try:
        await schema.prepare(connection)
        rows = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename <> 'migrations'"
        )
        await connection.execute(f"TRUNCATE {', '.join(row['tablename'] for row in rows)} CASCADE")
        await connection.execute("ALTER TABLE events ADD COLUMN IF NOT EXISTS arrived bigserial")
    finally:
        await connection.close()


@asynccontextmanager
async def open_chain(
    nursery: Nursery, dsn: str, issuer: Path, folder: Path, transport: Transport
) -> AsyncIterator[Chain]:
    """A chain without stores on the emptied database, whose headquarters is not started."""
    await emptied(dsn)
    authority = folder / "hq" / "authority"
    await asyncio.to_thread(shutil.copytree, issuer, authority)
    headquarters = Headquarters(dsn, authority, free_port(), nursery=nursery)
    if transport == "nats":
        headquarters.broker = await open_broker(dsn, authority)
    chain = Chain(headquarters, folder, nursery)
    try:
        yield chain
    finally:
        await chain.headquarters.down()
        if headquarters.broker is not None:
            await asyncio.to_thread(headquarters.broker.kill)
