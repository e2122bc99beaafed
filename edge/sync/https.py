"""The line over HTTPS; each side shows a certificate of the chain's own authority."""

from __future__ import annotations

import asyncio
import gzip
import io
import ssl
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import msgspec

from edge.contract import BATCH_TYPE, Acknowledgement, Feed, Page, Problem
from edge.errors import HeadquartersRefused, HeadquartersUnavailable

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5, sock_read=20)
GZIP_LEVEL = 1  # a batch shrinks to a tenth; higher levels win little and take five times as long
T = TypeVar("T")


class HttpsLine:
    """One session, whose connections are kept open."""

    def __init__(self, url: str, context: ssl.SSLContext) -> None:
        self._url = url
        self._context = context
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=self._context, limit=2)
        self._session = aiohttp.ClientSession(self._url, connector=connector, timeout=TIMEOUT)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, batch: bytes, *, urgent: bool) -> Acknowledgement:
        packed = io.BytesIO(gzip.compress(batch, GZIP_LEVEL))
        headers = {"Content-Type": BATCH_TYPE}
        return await self._ask("POST", "/v1/batches", Acknowledgement, data=packed, headers=headers)

    async def fetch(self, feed: Feed, after: int) -> Page:
        return await self._ask("GET", f"/v1/feeds/{feed}?after={after}", Page)

    async def rest(self, most_s: float) -> None:
        await asyncio.sleep(most_s)

    async def _ask(
        self,
        method: str,
        path: str,
        kind: type[T],
        *,
        data: io.BytesIO | None = None,
        headers: dict[str, str] | None = None,
    ) -> T:
        if self._session is None:
            raise HeadquartersUnavailable("the line to headquarters is closed")
        try:
            async with self._session.request(method, path, data=data, headers=headers) as answer:
                body = await answer.read()
                if answer.status == 200:
                    return msgspec.json.decode(body, type=kind)
                problem = msgspec.json.decode(body, type=Problem)
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError) as error:
            raise HeadquartersUnavailable(
                f"headquarters gives no answer of use ({type(error).__name__})"
            ) from error
        raise HeadquartersRefused(
            f"headquarters says {problem.code}: {problem.detail}",
            refusal=problem.code,
            last_sequence=problem.last_sequence,
        )
