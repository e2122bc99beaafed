"""What the tests of faults stand on: a PostgreSQL of their own, and a chain on it."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import pytest
from component.headquarters_town import Transport
from faults.chain import Chain, open_chain
from faults.nursery import Nursery
from faults.postgres import Postgres, open_postgres
from workers import alone

from hq import authority


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server that may be killed."""
    folder = Path(tempfile.mkdtemp(prefix="regulars-pg-"))
    with ExitStack() as stack:
        with alone("pgserver"):  # the user it drops root for is made by whoever finds none
            server = stack.enter_context(open_postgres(folder))
        yield server


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("issuer") / "authority"
    authority.make_authority(folder, "127.0.0.1")
    return folder


@pytest.fixture(scope="session")
def dsn(postgres: Postgres) -> str:
    """A database that every test finds empty."""

    async def make() -> None:
        connection = await asyncpg.connect(postgres.uri)
        await connection.execute("CREATE DATABASE chain")
        await connection.close()

    asyncio.run(make())
    return postgres.uri.replace("/postgres?", "/chain?")


@pytest.fixture(params=["https", "nats"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """Both, unless a test names one."""
    chosen: Transport = request.param
    return chosen


@pytest.fixture
async def idle(
    nursery: Nursery, dsn: str, issuer: Path, tmp_path: Path, transport: Transport
) -> AsyncIterator[Chain]:
    """A chain without stores, whose headquarters is not started."""
    async with open_chain(nursery, dsn, issuer, tmp_path, transport) as chain:
        yield chain


@pytest.fixture
async def chain(idle: Chain) -> Chain:
    """A chain whose headquarters serves."""
    await idle.headquarters.up()
    return idle
