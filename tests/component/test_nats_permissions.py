"""One store can neither read nor write as another through a real NATS server."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import msgspec
import nats.errors
import pytest
from component.flows_shop import SHOP
from component.headquarters_town import Headquarters, numbered
from component.nats_guest import ANSWERS_WITHIN_S, guest, problem_of
from component.store_values import a_member, a_visit, opened_message

from edge import contract
from edge.contract import subjects
from edge.errors import HeadquartersUnavailable
from edge.sync.credentials import Identity, client_context, identity
from edge.sync.nats import NatsLine
from hq import broker

pytestmark = pytest.mark.parametrize("transport", ["nats"])
STREAM = subjects.stream("events")
BAD = {
    b"no gzip at all": "malformed",
    gzip.compress(b"[]"): "malformed",
    gzip.compress(b" " * 10**8): "too_large",
    b"x" * (contract.BATCH_BYTES + 1): "too_large",
    gzip.compress(b'{"store_id":"other","messages":[]}'): "foreign_store",
    gzip.compress(b'{"store_id":"lyon-1","version":2,"messages":[]}'): "malformed",
}


@pytest.fixture
async def other(headquarters: Headquarters) -> Path:
    return await headquarters.admit("lyon-2")


def a_batch(store_id: str = SHOP.id) -> tuple[str, bytes]:
    """The id of a message, and a batch that holds it."""
    message = msgspec.structs.replace(opened_message(a_visit(a_member())), store_id=store_id)
    batch = contract.Batch(store_id=store_id, messages=[numbered(1, message)])
    return message.message_id, gzip.compress(msgspec.json.encode(batch))


async def test_writing_as_another_store_is_refused(
    headquarters: Headquarters, credentials: Path, other: Path
) -> None:
    victim = await asyncio.to_thread(identity, credentials)
    _, batch = a_batch()
    async with guest(headquarters.url, other) as thief:
        tried = [
            subjects.batches("events", victim.store_id, victim.certificate),
            subjects.batches("withdrawals", victim.store_id, thief.me.certificate),
            subjects.batches("events", thief.me.store_id, victim.certificate),
            subjects.pages("changes", victim.store_id, victim.certificate),
            subjects.answer(victim.certificate, "0"),
            subjects.visits(thief.me.store_id),
            subjects.WITHDRAWAL_TOLD,
            f"$JS.API.STREAM.INFO.{STREAM}",
            f"$JS.API.STREAM.PURGE.{STREAM}",
            f"$JS.API.STREAM.MSG.GET.{STREAM}",
            f"$JS.API.DIRECT.GET.{STREAM}",
            f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.headquarters",
            f"$JS.ACK.{STREAM}.headquarters.1.1.1.1.1",
            "$SYS.REQ.SERVER.PING",
        ]
        for subject in tried:
            await thief.client.publish(subject, batch)
        denied = await thief.settled()
    assert [s for s in tried if not any(f'"{s.lower()}"' in d.lower() for d in denied)] == []
    assert await headquarters.held() == []


async def test_reading_what_is_another_stores_is_refused(
    headquarters: Headquarters, credentials: Path, other: Path
) -> None:
    victim = await asyncio.to_thread(identity, credentials)
    tried = [
        f"{subjects.inbox(victim.certificate)}.>",
        "_INBOX.>",
        ">",
        subjects.visits(victim.store_id),
        subjects.batches("events", victim.store_id, victim.certificate),
        "regulars.>",
        "$JS.>",
        "$SYS.>",
    ]
    async with guest(headquarters.url, other) as thief:
        for subject in tried:
            await thief.client.subscribe(subject)
        denied = await thief.settled()
    assert [s for s in tried if not any(f'"{s.lower()}"' in d.lower() for d in denied)] == []


async def test_nothing_goes_where_a_store_points_an_answer(
    headquarters: Headquarters, credentials: Path, other: Path
) -> None:
    """The server acknowledges to any subject, headquarters to the inbox of who asked alone."""
    victim = await asyncio.to_thread(identity, credentials)
    purge = f"$JS.API.STREAM.PURGE.{STREAM}"
    await asyncio.to_thread(headquarters.kill)
    async with guest(headquarters.url, credentials) as store:
        told, batch = a_batch()
        await store.client.request(store.batches, batch, timeout=ANSWERS_WITHIN_S, headers=an_id())
    async with guest(headquarters.url, other) as thief:
        await thief.client.publish(thief.batches, a_batch("lyon-2")[1], reply=purge)
        await thief.settled()
        await asyncio.to_thread(headquarters.start)
        asked = await thief.client.subscribe(subjects.answer(thief.me.certificate, "*"))
        for reply in (purge, subjects.answer(victim.certificate, "1"), subjects.WITHDRAWAL_TOLD):
            await thief.client.publish(thief.pages, b"0", reply=reply)
        mine = subjects.answer(thief.me.certificate, "2")
        await thief.client.publish(thief.pages, b"0", reply=mine)
        assert (await asked.next_msg(ANSWERS_WITHIN_S)).subject == mine
        assert await headquarters.held_at_least(1) == [told]


def an_id() -> dict[str, str]:
    return {subjects.ID_HEADER: "0123456789abcdef"}


async def test_garbage_from_nobody_is_dropped_and_bad_batches_are_refused_and_counted(
    headquarters: Headquarters, credentials: Path
) -> None:
    told, batch = a_batch()
    async with guest(headquarters.url, credentials) as store:
        await store.client.publish(store.batches, b"from nobody")
        for body, code in BAD.items():
            assert problem_of(await store.send(body)).code == code
        with pytest.raises(nats.errors.MaxPayloadError):
            await store.send(b"x" * (broker.MAX_PAYLOAD + 1))
        await store.send(batch)
    assert await headquarters.held() == [told]
    rows = await headquarters.do("SELECT code, times FROM refusals ORDER BY code")
    assert [tuple(row) for row in rows] == [
        ("foreign_store", 1),
        ("malformed", 3),
        ("too_large", 2),
    ]


async def test_a_revoked_store_is_out_and_a_new_certificate_does_not_let_the_old_one_in(
    headquarters: Headquarters, credentials: Path, other: Path
) -> None:
    assert headquarters.broker is not None
    _, batch = a_batch()
    async with (
        guest(headquarters.url, credentials) as stolen,
        guest(headquarters.url, other) as neighbour,
    ):
        await headquarters.revoke(SHOP.id)
        assert problem_of(await stolen.send(batch)).code == "store_revoked"
        await asyncio.to_thread(headquarters.broker.read_users_again)
        await asyncio.wait_for(stolen.gone.wait(), 30)
        assert not neighbour.gone.is_set()
    anew = await headquarters.admit(SHOP.id, anew=True)
    context = await asyncio.to_thread(client_context, credentials)
    me = await asyncio.to_thread(identity, credentials)
    async with NatsLine(headquarters.url, context, me) as line:
        with pytest.raises(HeadquartersUnavailable) as refused:
            await line.fetch("changes", 0)
    assert getattr(refused.value, "refusal", None) == "store_unknown"
    async with guest(headquarters.url, anew) as store:
        await store.send(batch)
    assert len(await headquarters.held()) == 1


async def test_nobody_in_between_can_talk_a_store_out_of_tls(
    headquarters: Headquarters, credentials: Path
) -> None:
    heard: list[bytes] = []

    async def pretend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'INFO {"server_id":"x","version":"2","max_payload":1048576}\r\n')
        heard.append(await reader.read(4096))
        writer.close()

    async with await asyncio.start_server(pretend, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        context = await asyncio.to_thread(client_context, credentials)
        me = Identity(store_id=SHOP.id, certificate="0" * 32)
        async with NatsLine(headquarters.at(port), context, me) as line:
            with pytest.raises(HeadquartersUnavailable):
                await line.send(b"secret", urgent=False)
    assert heard
    assert all(first[:1] == b"\x16" for first in heard)  # the record type of a TLS handshake
