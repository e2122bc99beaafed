"""Where headquarters pulls a store from is said on its command line."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from component.headquarters_town import Headquarters

from edge.demo.town import PROJECT

pytestmark = pytest.mark.parametrize("transport", ["https"])


async def hq(headquarters: Headquarters, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hq", words[0], "--dsn", headquarters.dsn, *words[1:]]
    return await asyncio.to_thread(
        subprocess.run, command, cwd=PROJECT, capture_output=True, text=True, check=False
    )


async def addresses(headquarters: Headquarters) -> list[asyncpg.Record]:
    return await headquarters.do("SELECT store_id, address FROM pulls ORDER BY store_id")


async def test_a_store_is_admitted_with_its_address_and_moves(
    headquarters: Headquarters, tmp_path: Path
) -> None:
    folder = str(headquarters.folder)
    admitted = await hq(
        headquarters,
        *("admit", "--folder", folder, "--address", "https://10.8.0.7:9444"),
        *("north", str(tmp_path / "north")),
    )
    assert admitted.returncode == 0, admitted.stderr
    assert [tuple(row) for row in await addresses(headquarters)] == [
        ("north", "https://10.8.0.7:9444")
    ]
    assert (await hq(headquarters, "address", "north", "nats:")).returncode == 0
    assert [tuple(row) for row in await addresses(headquarters)] == [("north", "nats:")]


@pytest.mark.parametrize(
    ("store_id", "address", "says"),
    [
        ("north", "http://10.8.0.7:9444", "is no address"),
        ("north", "https://10.8.0.7:9444/hq", "is no address"),
        ("south", "https://10.8.0.7:9444", "not admitted"),
    ],
)
async def test_what_is_no_address_or_no_store_is_refused(
    headquarters: Headquarters, store_id: str, address: str, says: str
) -> None:
    await headquarters.admit("north")
    refused = await hq(headquarters, "address", store_id, address)
    assert refused.returncode == 2
    assert says in " ".join(refused.stderr.replace("│", " ").split())
    assert await addresses(headquarters) == []
