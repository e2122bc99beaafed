"""Headquarters' door against those who hold it open: the healthy stores get in all the same."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from faults.chain import HOST, Chain
from faults.checker import check
from faults.nursery import WITHIN_S, until
from faults.outlets import Guide

from edge.sync.credentials import client_context

pytestmark = pytest.mark.parametrize("transport", ["https"])

HANDSHAKES = 40
READ_WITHIN_S = 10.0
"""Long enough for a batch that does come, however busy the machine is."""


async def test_half_open_handshakes_are_bounded_and_a_store_gets_in(idle: Chain) -> None:
    """Ten times as many as may be under way, each as silent as a peer that is gone."""
    await idle.headquarters.up(handshakes=HANDSHAKES)
    lyon = await idle.outlet("lyon")
    silent = [
        await asyncio.open_connection(HOST, idle.headquarters.port) for _ in range(10 * HANDSHAKES)
    ]
    try:
        async with lyon.open() as shop:
            await Guide(lyon, shop).day(0)
            await idle.round(lyon, shop)
        readers = [reader for reader, _ in silent]
        await until("the end of all but the last", lambda: ended(readers) >= 9 * HANDSHAKES)
    finally:
        for _, writer in silent:
            writer.transport.abort()
    await idle.settle()
    await check(idle)


def ended(readers: list[asyncio.StreamReader]) -> int:
    return sum(reader.at_eof() or reader.exception() is not None for reader in readers)


async def test_a_batch_that_never_ends_is_refused_and_holds_up_nobody(idle: Chain) -> None:
    await idle.headquarters.up(read_within_s=READ_WITHIN_S)
    lyon, nice = await idle.outlet("lyon"), await idle.outlet("nice")
    slow = [await begin_a_batch(idle, nice.credentials) for _ in range(20)]
    try:
        async with lyon.open() as shop:
            await Guide(lyon, shop).day(0)
            await idle.round(lyon, shop)
        for reader, _ in slow:
            async with asyncio.timeout(WITHIN_S):
                answer = await reader.readuntil(b"}")
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b'"too_slow"' in answer
    finally:
        for _, writer in slow:
            writer.transport.abort()
    rows = await idle.headquarters.do("SELECT store_id, code, times FROM refusals")
    assert [tuple(row) for row in rows] == [("nice", "too_slow", 20)]
    await idle.settle()
    await check(idle)


async def begin_a_batch(
    chain: Chain, credentials: object
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Promise a batch, and send a byte of it."""
    context: ssl.SSLContext = await asyncio.to_thread(client_context, credentials)
    opened = await asyncio.open_connection(HOST, chain.headquarters.port, ssl=context)
    opened[1].write(b"POST /v1/batches HTTP/1.1\r\nHost: hq\r\nContent-Length: 4000\r\n\r\nx")
    return opened
