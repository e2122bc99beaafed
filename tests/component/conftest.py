"""What several component tests stand on: a real PostgreSQL and headquarters on it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from component.flows_shop import SHOP
from component.headquarters_town import Headquarters, Transport, open_headquarters

from edge.demo import town
from edge.demo.town import new_database
from hq import schema
from hq.schema import Connection


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    # A path that the user it drops root for can reach.
    folder = Path(tempfile.mkdtemp(prefix="regulars-pg-"))
    with town.postgres(folder) as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture(params=["https", "nats"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """Both, unless a test names one."""
    chosen: Transport = request.param
    return chosen


@pytest.fixture
async def headquarters(
    postgres: str, tmp_path: Path, transport: Transport
) -> AsyncIterator[Headquarters]:
    async with open_headquarters(postgres, tmp_path / "hq", transport) as headquarters:
        yield headquarters


@pytest.fixture
async def credentials(headquarters: Headquarters) -> Path:
    return await headquarters.admit(SHOP.id)


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Connection]:
    """The tables of headquarters, without a headquarters on them."""
    connection = await asyncpg.connect(await new_database(postgres))
    await schema.prepare(connection)
    yield connection
    await connection.close()
