"""What several component tests stand on: a real PostgreSQL and headquarters on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from component.claim_machines import Machine
from component.flows_shop import SHOP
from component.headquarters_town import Headquarters, Transport, open_headquarters
from component.merchant_town import Books, Browser, open_books, open_pages
from faults.nursery import Nursery

from edge.demo.town import new_database
from hq import schema
from hq.schema import Connection


@pytest.fixture(params=["https", "nats"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """Both, unless a test names one."""
    chosen: Transport = request.param
    return chosen


@pytest.fixture
async def headquarters(
    postgres: str, nursery: Nursery, tmp_path: Path, transport: Transport
) -> AsyncIterator[Headquarters]:
    async with open_headquarters(postgres, nursery, tmp_path / "hq", transport) as headquarters:
        yield headquarters


@pytest.fixture
async def credentials(headquarters: Headquarters) -> Path:
    return await headquarters.admit(SHOP.id)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that belongs to no headquarters."""
    return Machine.new(tmp_path / "machine")


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Connection]:
    """The tables of headquarters, without a headquarters on them."""
    connection = await asyncpg.connect(await new_database(postgres))
    await schema.prepare(connection)
    yield connection
    await connection.close()


@pytest.fixture
async def books(postgres: str) -> AsyncIterator[Books]:
    async with open_books(postgres) as opened:
        yield opened


@pytest.fixture
async def stranger(books: Books) -> AsyncIterator[Browser]:
    async with open_pages(books) as browser:
        yield browser


@pytest.fixture
async def browser(books: Books, stranger: Browser) -> Browser:
    await stranger.sign_in(books)
    return stranger
