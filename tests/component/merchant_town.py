"""Headquarters' pages on a database of their own, and rows to put into it by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
import msgspec

from edge.contract.footfall import FootfallRow, Measure, Period
from edge.demo.town import new_database
from hq import people, schema
from hq.figures.working import work_out
from hq.pages.server import serve

WITHIN_S = 60.0
NOW = datetime(2026, 3, 11, 14, 20, tzinfo=UTC)  # a Wednesday
SCREENS = ("/", "/repurchase", "/regulars", "/consent", "/quarantine", "/releases")
PARIS, SHANGHAI = "Europe/Paris", "Asia/Shanghai"


@dataclass(slots=True)
class Books:
    """The tables, with a short way to write what a test needs."""

    dsn: str
    connection: asyncpg.Connection
    sold: int = 0
    seen: int = 0

    async def store(self, store_id: str, time_zone: str = PARIS, **columns: Any) -> None:
        heard = columns.get("last_contact_at", NOW)
        await self.connection.execute(
            "INSERT INTO stores (id, name, last_contact_at) VALUES ($1, $2, $3)",
            *(store_id, columns.get("name"), heard),
        )
        await self.connection.execute(
            "INSERT INTO pulls (store_id, address, time_zone) VALUES ($1, '', $2)",
            *(store_id, time_zone),
        )

    async def counted(
        self,
        store_id: str,
        starts_at: datetime,
        period: Period = Period.DAY,
        suppressed: tuple[Measure, ...] = (),
        **measures: int,
    ) -> None:
        row = FootfallRow(
            store_id=store_id,
            zone="",
            period=period,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            revision=1,
            suppressed=suppressed,
        )
        row = msgspec.structs.replace(row, **measures)
        await self.connection.execute(
            "INSERT INTO footfall (store_id, zone, period, starts_at, revision, body) "
            "VALUES ($1, '', $2, $3, 1, $4)",
            *(store_id, period, starts_at, msgspec.json.encode(row).decode()),
        )

    async def sell(
        self, store_id: str, at: datetime, member_id: str | None = None, amount: str = "10.00"
    ) -> None:
        self.sold += 1
        await self.connection.execute(
            "INSERT INTO sales (id, store_id, member_id, amount, currency, sold_at) "
            "VALUES ($1, $2, $3, $4, 'EUR', $5)",
            *(f"s-{self.sold}", store_id, member_id, Decimal(amount), at),
        )

    async def visit(self, store_id: str, at: datetime, member_id: str, claim: str) -> None:
        self.seen += 1
        await self.connection.execute(
            "INSERT INTO visits (id, store_id, member_id, arrived_by, claim, opened_at) "
            "VALUES ($1, $2, $3, 'face', $4, $5)",
            *(f"v-{self.seen}", store_id, member_id, claim, at),
        )

    async def member(self, member_id: str, profile: str = '{"name": "Ana"}') -> None:
        await self.connection.execute(
            "INSERT INTO members (id, joined_at, profile, stamps) VALUES ($1, $2, $3, '[]')",
            *(member_id, NOW - timedelta(days=400), profile),
        )

    async def consent(
        self, consent_id: str, store_id: str, given_at: datetime, ended_at: datetime | None = None
    ) -> None:
        await self.connection.execute(
            "INSERT INTO consents (id, store_id, member_id, given_at, withdrawn_at, ended_by) "
            "VALUES ($1, $2, $1, $3, $4, 'member')",
            *(consent_id, store_id, given_at, ended_at),
        )

    async def prove(self, consent_id: str, store_id: str) -> None:
        body = f'{{"type": "DeletionProven", "consent_id": "{consent_id}"}}'
        await self.connection.execute(
            "INSERT INTO events (store_id, sequence, message_id, body) "
            "VALUES ($1, (SELECT count(*) FROM events), $2, $3)",
            *(store_id, f"proof-{consent_id}", body),
        )

    async def quarantine(self, store_id: str, sequence: int, code: str, body: bytes) -> None:
        await self.connection.execute(
            "INSERT INTO quarantine (store_id, sequence, code, body, received_at) "
            "VALUES ($1, $2, $3, $4, $5)",
            *(store_id, sequence, code, body, NOW),
        )

    async def work_out(self, now: datetime = NOW) -> None:
        """Wait for the pages' own first working out, should it be at it, and work out anew."""
        async with asyncio.timeout(WITHIN_S):
            while not await work_out(self.connection, now):
                pass


@asynccontextmanager
async def open_books(server: str) -> AsyncIterator[Books]:
    """The tables of headquarters in a database of its own."""
    dsn = await new_database(server)
    connection = await asyncpg.connect(dsn)
    try:
        await schema.prepare(connection)
        yield Books(dsn, connection)
    finally:
        await connection.close()


@dataclass(slots=True)
class Browser:
    """Somebody with a browser at the pages, without a picture of them."""

    address: str
    session: aiohttp.ClientSession

    async def get(self, path: str) -> tuple[int, str]:
        async with self.session.get(self.address + path, allow_redirects=False) as answer:
            return answer.status, await answer.text()

    async def post(
        self, path: str, origin: str | None = None, **form: str
    ) -> aiohttp.ClientResponse:
        headers = {"Origin": origin or self.address}
        async with self.session.post(
            self.address + path, data=form, headers=headers, allow_redirects=False
        ) as answer:
            await answer.read()
            return answer

    async def sign_in(self, books: Books, name: str = "Camille") -> None:
        code = await people.invite(books.connection, name, NOW)
        assert (await self.post("/sign-in", code=code)).status == 303

    async def form_token(self) -> str:
        _, text = await self.get("/")
        return text.partition('name="form_token" value="')[2].partition('"')[0]


@asynccontextmanager
async def open_pages(
    books: Books, port: int = 0, origin: str | None = None
) -> AsyncIterator[Browser]:
    """The pages as of ``NOW``, and a browser that is not signed in."""
    async with serve(books.dsn, "127.0.0.1", port, origin, clock=lambda: NOW) as address:
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield Browser(address, session)


def local(time_zone: str, day: date, hour: int = 0) -> datetime:
    """A moment in a store."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(time_zone))


def days_ago(*days: int) -> Iterable[datetime]:
    """Noon in Paris, so many days before ``NOW``."""
    return [local(PARIS, NOW.date() - timedelta(days=day), 12) for day in days]


async def rhythm(books: Books, member: str, silent: int, waits: int = 5, **profile: str) -> None:
    """Every ten days, ``waits`` times, and then not for ``silent`` days."""
    await books.member(member, **profile)
    for number, at in enumerate(days_ago(*(silent + 10 * wait for wait in range(waits + 1)))):
        if number % 2:
            await books.sell("lyon", at, member)
        else:
            await books.visit("lyon", at, member, "confirmed")
