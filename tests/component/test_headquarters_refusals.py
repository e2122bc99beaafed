"""What headquarters refuses, each with its stable code, while the rest goes on."""

from __future__ import annotations

import asyncio
import gzip
import io
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest
from component.flows_shop import SHOP, Shop, open_shop
from component.headquarters_town import (
    Headquarters,
    exchange,
    numbered,
    put_visits,
    waiting,
)
from component.store_values import a_member, a_visit, opened_message

from edge import contract
from edge.domain import new_id
from edge.errors import HeadquartersRefused
from edge.store import Transaction
from edge.sync.credentials import client_context


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def test_poison_waits_in_quarantine_and_the_rest_goes_on(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    good = msgspec.structs.replace(opened_message(a_visit(a_member())), store_id=SHOP.id)
    foreign = msgspec.structs.replace(opened_message(a_visit(a_member())), store_id="other")
    behind = msgspec.structs.replace(
        good, message_id=new_id(), visit_id=new_id(), member_id=foreign.member_id
    )

    def story(tx: Transaction) -> None:
        for message in (foreign, good):
            tx.outbox.put(message)

    await shop.store.write(story)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.push()
        await shop.store.write(lambda tx: tx.outbox.put(behind))
        await line.push()
    assert await headquarters.held() == [good.message_id]
    refused = await shop.store.read(lambda reader: reader.outbox.refused())
    assert list(refused.values()) == ["foreign_store"]
    assert await waiting(shop) == 2
    rows = await headquarters.do("SELECT code FROM quarantine")
    assert [row["code"] for row in rows] == ["foreign_store"]


@pytest.mark.parametrize("transport", ["https"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"no gzip at all", 400, "malformed"),
        (gzip.compress(b"[]"), 400, "malformed"),
        (gzip.compress(b" " * 10**8), 413, "too_large"),
        (b"x" * (5 * 2**20), 413, "too_large"),
        (gzip.compress(b'{"store_id":"other","messages":[]}'), 403, "foreign_store"),
    ],
    ids=["not packed", "no batch", "a bomb", "too many bytes", "another store's id"],
)
async def test_bad_batches_are_refused_with_their_code(
    headquarters: Headquarters, credentials: Path, body: bytes, status: int, code: str
) -> None:
    context = await asyncio.to_thread(client_context, credentials)
    url = f"https://127.0.0.1:{headquarters.port}/v1/batches"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=io.BytesIO(body), ssl=context) as answer,
    ):
        assert answer.status == status
        assert (await answer.json(content_type=None))["code"] == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b'{"type":"VisitClosed","version":2}', "unknown_version"),
        (b'{"type":"Weather","version":1}', "unknown_type"),
        (b'{"type":"VisitClosed","version":1}', "malformed"),
        (b'"rain"', "malformed"),
        (b'{"type":"VisitClosed","message_id":"1","store_id":"lyon-1","visit_id":"\\u0000",'
         b'"member_id":"m","at":"2026-01-01T00:00:00Z"}', "malformed"),
    ],
)  # fmt: skip
async def test_malformed_rows_are_quarantined_with_their_code(
    shop: Shop, headquarters: Headquarters, credentials: Path, message: bytes, code: str
) -> None:
    good = msgspec.structs.replace(opened_message(a_visit(a_member())), store_id=SHOP.id)
    bad = contract.Numbered(sequence=1, message=msgspec.Raw(message))
    batch = contract.Batch(store_id=SHOP.id, messages=[bad, numbered(2, good)])
    async with exchange(shop, credentials, headquarters.url) as line:
        answer = await line._line.send(msgspec.json.encode(batch), urgent=False)
    assert [(r.sequence, r.code) for r in answer.refused] == [(1, code)]
    assert await headquarters.held() == [good.message_id]


async def test_a_revoked_certificate_is_refused_from_the_next_request_on(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    await put_visits(shop, 1)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.pull("changes")
        await headquarters.do("UPDATE certificates SET revoked_at = now()")
        with pytest.raises(HeadquartersRefused) as refused:
            await line.push()
    assert refused.value.refusal == "store_revoked"
    assert await waiting(shop) == 1


@pytest.mark.parametrize("transport", ["https"])
async def test_without_a_certificate_nobody_gets_in(
    headquarters: Headquarters, credentials: Path
) -> None:
    context = await asyncio.to_thread(
        ssl.create_default_context, cafile=str(credentials / "authority.pem")
    )
    url = f"https://127.0.0.1:{headquarters.port}/v1/feeds/changes"
    async with aiohttp.ClientSession() as session:
        with pytest.raises((aiohttp.ClientError, ssl.SSLError)):
            async with session.get(url, ssl=context):
                pass
