"""Headquarters pulls through a door of its own, and nobody else does."""

from __future__ import annotations

import asyncio
import csv
import io
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from component.footfall_shop import SHOP, Counted, open_counted

from edge.config import FootfallConfig
from edge.contract import FootfallPage, FootfallRow
from edge.demo.town import free_port
from edge.errors import ConfigError
from edge.sync.credentials import client_context, server_context
from edge.sync.visits_door import CURSOR, REMAINING, serve_headquarters
from hq import authority


class Door:
    """The door of a store, and those who knock."""

    def __init__(
        self, folder: Path, counted: Counted, port: int, headquarters: ssl.SSLContext
    ) -> None:
        self.folder, self.counted, self.port = folder, counted, port
        self.headquarters = headquarters

    async def get(
        self,
        path: str = "/hq/v1/visits",
        context: ssl.SSLContext | None = None,
        method: str = "GET",
        **headers: str,
    ) -> tuple[int, Any, bytes]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method,
                f"https://127.0.0.1:{self.port}{path}",
                ssl=context or self.headquarters,
                server_hostname=SHOP.id,
                headers=headers,
            ) as answer,
        ):
            return answer.status, answer.headers, await answer.read()


@asynccontextmanager
async def open_door(tmp_path: Path) -> AsyncIterator[Door]:
    folder, credentials = tmp_path / "authority", tmp_path / "credentials"
    await asyncio.to_thread(authority.make_authority, folder, "127.0.0.1")
    await asyncio.to_thread(authority.issue_store, folder, credentials, SHOP.id)
    context = server_context(credentials)
    headquarters = await asyncio.to_thread(authority.client_context, folder)
    async with (
        open_counted(tmp_path / "state", FootfallConfig(min_cell=5)) as counted,
        serve_headquarters(counted.footfall, context, "127.0.0.1:0") as port,
    ):
        await counted.visits(7)
        await counted.tomorrow()
        yield Door(folder, counted, port, headquarters)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


def problem(body: bytes) -> str:
    return str(msgspec.json.decode(body)["code"])


async def test_headquarters_reads_pages_as_json(door: Door) -> None:
    status, headers, body = await door.get("/hq/v1/visits?limit=100")
    page = msgspec.json.decode(body, type=FootfallPage)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert (len(page.rows), page.remaining) == (100, 263)
    assert (page.store_id, page.time_zone) == (SHOP.id, "Europe/Paris")
    assert (headers[CURSOR], headers[REMAINING]) == (str(page.cursor), "263")
    _, _, body = await door.get(f"/hq/v1/visits?after={page.cursor}")
    rest = msgspec.json.decode(body, type=FootfallPage)
    assert (len(rest.rows), rest.remaining) == (263, 0)


@pytest.mark.parametrize("asked", ["query", "header"])
async def test_the_same_rows_as_csv(door: Door, asked: str) -> None:
    query = "?format=csv" if asked == "query" else ""
    accept = {"Accept": "text/csv"} if asked == "header" else {}
    status, headers, body = await door.get(f"/hq/v1/visits{query}", **accept)
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    page = await door.counted.footfall.page(0)
    assert headers[CURSOR] == str(page.cursor)
    assert list(rows[0]) == list(FootfallRow.__struct_fields__)
    for cells, row in zip(rows, page.rows, strict=True):
        assert cells["member_visits"] == (
            "" if row.member_visits is None else str(row.member_visits)
        )
        assert cells["suppressed"].split() == list(row.suppressed)
        assert cells["starts_at"].endswith("Z")


async def test_another_store_may_not_ask(door: Door, tmp_path: Path) -> None:
    await asyncio.to_thread(authority.issue_store, door.folder, tmp_path / "other", "other")
    other = client_context(tmp_path / "other")
    status, headers, body = await door.get(context=other)
    assert (status, problem(body)) == (403, "not_headquarters")
    assert headers["Content-Type"] == "application/problem+json"


async def test_without_a_certificate_of_the_chain_nobody_gets_in(
    door: Door, tmp_path: Path
) -> None:
    await asyncio.to_thread(authority.make_authority, tmp_path / "foreign", "127.0.0.1")
    nobody = ssl.create_default_context(cafile=str(door.folder / "authority.pem"))
    foreign = ssl.create_default_context(cafile=str(door.folder / "authority.pem"))
    await asyncio.to_thread(authority.client_context, tmp_path / "foreign")
    foreign.load_cert_chain(tmp_path / "foreign" / "headquarters.pem")
    for context in (nobody, foreign):
        with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
            await door.get(context=context)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/hq/v1/visits?after=100000", 409, "cursor_ahead"),
        ("/hq/v1/visits?after=-1", 400, "malformed"),
        ("/hq/v1/visits?after=9999999999999999999", 400, "malformed"),
        ("/hq/v1/visits?after=%D9%A3", 400, "malformed"),
        ("/hq/v1/visits?limit=1001", 400, "malformed"),
        ("/hq/v1/visits?format=xml", 400, "malformed"),
        ("/elsewhere", 404, "malformed"),
    ],
)
async def test_what_cannot_be_answered_says_why(
    door: Door, path: str, status: int, code: str
) -> None:
    answered, headers, body = await door.get(path)
    assert (answered, problem(body)) == (status, code)
    assert headers["Content-Type"] == "application/problem+json"


async def test_only_reading_is_possible(door: Door) -> None:
    status, _, body = await door.get(method="POST")
    assert (status, problem(body)) == (405, "malformed")


async def test_an_address_that_cannot_be_used_says_so(door: Door, tmp_path: Path) -> None:
    context = server_context(tmp_path / "credentials")
    for address in (f"127.0.0.1:{door.port}", "127.0.0.1:99999"):
        with pytest.raises(ConfigError, match=r"headquarters\.listen"):
            async with serve_headquarters(door.counted.footfall, context, address):
                raise AssertionError(address)
    assert free_port()
    with pytest.raises(ConfigError, match=r"headquarters\.credentials"):
        server_context(tmp_path / "nowhere")
