"""Many stores at once, each with its own certificate and its own connection, as real ones have."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from edge import contract
from edge.contract import BATCH_MESSAGES, BATCH_TYPE, Message

PATIENCE = aiohttp.ClientTimeout(total=300)


class Sender:
    """A store's end of the line: one connection, one batch at a time."""

    def __init__(self, store_id: str, http: aiohttp.ClientSession) -> None:
        self.store_id = store_id
        self._http = http
        self._last = 0

    @classmethod
    @asynccontextmanager
    async def connected(cls, store_id: str, folder: Path, url: str) -> AsyncIterator[Sender]:
        """A store with the credentials in ``folder``, its connection open."""
        context = await asyncio.to_thread(_context, folder)
        connector = aiohttp.TCPConnector(ssl=context, limit=1)
        async with aiohttp.ClientSession(url, connector=connector, timeout=PATIENCE) as http:
            async with http.get("/v1/feeds/withdrawals?after=0") as answer:
                answer.raise_for_status()
                await answer.read()
            yield cls(store_id, http)

    def packed(self, messages: Iterable[Message], most: int = BATCH_MESSAGES) -> list[bytes]:
        """Messages as numbered batches, ready to be sent."""
        batches = []
        told = iter(messages)
        while chunk := list(itertools.islice(told, most)):
            batches.append(gzip.compress(self._batch(chunk), 1))
        return batches

    async def send(self, batch: bytes) -> float:
        """Send a packed batch; returns seconds to its acknowledgement. Raises on a refusal."""
        began = time.perf_counter()
        headers = {"Content-Type": BATCH_TYPE}
        async with self._http.post("/v1/batches", data=batch, headers=headers) as answer:
            answer.raise_for_status()
            taken = msgspec.json.decode(await answer.read(), type=contract.Acknowledgement)
        if taken.refused:
            raise RuntimeError(f"headquarters refused {len(taken.refused)} messages")
        return time.perf_counter() - began

    def _batch(self, messages: list[Message]) -> bytes:
        numbered = []
        for message in messages:
            self._last += 1
            raw = msgspec.Raw(contract.encode(message))
            numbered.append(contract.Numbered(sequence=self._last, message=raw))
        return msgspec.json.encode(contract.Batch(store_id=self.store_id, messages=numbered))


@asynccontextmanager
async def crowd(stores: list[str], folder: Path, url: str) -> AsyncIterator[list[Sender]]:
    """Connect every store; the credentials of each lie below ``folder``."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(Sender.connected(store, folder / store, url))
            for store in stores
        ]


def _context(folder: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    context.load_cert_chain(folder / "pair.pem")
    return context
