"""A disk that is full, on either side: said so, nothing lost, and on it goes once there is room."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from faults.chain import Chain, open_chain
from faults.checker import check
from faults.nursery import Nursery, until
from faults.outlets import Guide, Outlet
from faults.postgres import Postgres

from edge.errors import HeadquartersRefused, StoreUnavailable

pytestmark = pytest.mark.parametrize("transport", ["https"])


class Disk:
    """A small disk of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Not a byte is left."""
        with self._ballast.open("wb", buffering=0) as ballast:
            for size in (2**16, 2**12, 1):
                try:
                    while True:
                        ballast.write(bytes(size))
                except OSError:
                    continue

    def clear(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    # Where the user that PostgreSQL runs as can reach it.
    folder = Path("/tmp") / f"regulars-disk-{uuid4().hex[:8]}"
    folder.mkdir(mode=0o777)
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=777", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("needs the right to mount a tmpfs")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


async def test_the_disk_of_a_store_is_full(chain: Chain, disk: Disk) -> None:
    lyon, nice = await chain.outlet("lyon"), await chain.outlet("nice")
    state = disk.folder / "state"
    await asyncio.to_thread(shutil.move, lyon.state, state)
    lyon.state = state
    async with nice.open() as shop:
        await Guide(nice, shop).day(0)
        await chain.round(nice, shop)
    async with lyon.open() as shop:
        await Guide(lyon, shop).day(1)
        await shop.store.read(lambda reader: reader.outbox.count())
        await asyncio.to_thread(disk.fill)
        with pytest.raises(StoreUnavailable, match="disk is full"):
            await chain.round(lyon, shop)
        await asyncio.to_thread(disk.clear)
        await chain.round(lyon, shop)
    await chain.settle()
    await check(chain)
    await asyncio.to_thread(shutil.rmtree, state)


async def test_the_disk_of_headquarters_is_full(
    nursery: Nursery, postgres: Postgres, issuer: Path, tmp_path: Path, disk: Disk, transport: str
) -> None:
    """The rows find no room; the log of PostgreSQL lies elsewhere, as is advised."""
    name = f"full_{uuid4().hex[:8]}"
    server = await asyncpg.connect(postgres.uri)
    try:
        space = disk.folder / "space"
        space.mkdir()
        shutil.chown(space, "pgserver")
        await server.execute(f"CREATE TABLESPACE {name} LOCATION '{space}'")
        await server.execute(f"CREATE DATABASE {name} TABLESPACE {name}")
        dsn = postgres.uri.replace("/postgres?", f"/{name}?")
        async with open_chain(nursery, dsn, issuer, tmp_path, "https") as chain:
            await chain.headquarters.up()
            await fill_and_clear(chain, disk, await chain.outlet("lyon"))
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.execute(f"DROP TABLESPACE {name}")
    finally:
        await server.close()


async def fill_and_clear(chain: Chain, disk: Disk, lyon: Outlet) -> None:
    async with lyon.open() as shop:
        guide = Guide(lyon, shop)
        await guide.day(0)
        await chain.round(lyon, shop)
        await asyncio.to_thread(disk.fill)
        refused = await until("a full disk", lambda: refusal(chain, lyon, shop, guide))
        assert refused.refusal == "unavailable"
        await asyncio.to_thread(disk.clear)
        await chain.round(lyon, shop)
    await chain.settle()
    await check(chain)


async def refusal(chain: Chain, lyon: Outlet, shop: object, guide: Guide) -> object:
    """Go on until the free room in the files themselves is used up."""
    member_id = await guide.join("Ana")
    for number in range(40):
        await guide.rename(member_id, f"Anna {number}")
    try:
        await chain.round(lyon, shop)  # type: ignore[arg-type]
    except HeadquartersRefused as refused:
        return refused
    return None
