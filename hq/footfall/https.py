"""Stores over HTTPS; each side shows a certificate of the chain's own authority.

A store is known by the name in its certificate, wherever it answers: an address that leads to
another store leads nowhere.
"""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Self

import aiohttp
import msgspec

from edge.contract import Code, FootfallPage, Problem
from hq.footfall.source import Store, StoreFailed

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5, sock_read=20)
PAGE_BYTES = 4 * 2**20
"""Most that a page may hold: four times a full one."""


class HttpsSource:
    """One session for all stores."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=self._context, limit=0, limit_per_host=2)
        self._session = aiohttp.ClientSession(connector=connector, timeout=TIMEOUT)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def page(self, store: Store, after: int) -> FootfallPage:
        if self._session is None:
            raise StoreFailed("unreachable", "the line to stores is closed")
        url = f"{store.address}/hq/v1/visits?after={after}"
        try:
            async with self._session.get(
                url, server_hostname=store.id, allow_redirects=False
            ) as answer:
                body = await _read(answer)
                if answer.status == 200:
                    return msgspec.json.decode(body, type=FootfallPage)
                problem = msgspec.json.decode(body, type=Problem)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise StoreFailed("unreachable", type(error).__name__) from error
        except msgspec.DecodeError as error:
            raise StoreFailed(Code.MALFORMED, "not a page of this contract") from error
        raise StoreFailed(problem.code, problem.detail)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > PAGE_BYTES:
            raise StoreFailed(Code.TOO_LARGE, "more than a page may hold")
    return bytes(body)
