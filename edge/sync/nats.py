"""The line through NATS: batches into JetStream, pages by request, a word when somebody withdrew.

The server acknowledges a batch once it is on its disk; headquarters answers once it holds it, and
only that answer counts. Each sending has an id of its own, so that a batch sent again for want of
an answer is answered again. Trouble hangs up; the exchange says when to come again.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from types import TracebackType
from typing import Protocol, Self, TypeVar
from uuid import uuid4

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.transport import TcpTransport

from edge.contract import Acknowledgement, Code, Feed, Page, Problem, subjects
from edge.errors import CursorAhead, EdgeError, HeadquartersRefused, HeadquartersUnavailable
from edge.sync.credentials import Identity
from edge.sync.https import GZIP_LEVEL

log = structlog.get_logger(__name__)

CONNECTS_WITHIN_S = 5.0
CLOSES_WITHIN_S = 1.0
ANSWERS_WITHIN_S = 20.0
PINGS_EVERY_S = 10
_NO_RESPONDERS = "503"
T = TypeVar("T")


class Visits(Protocol):
    """What answers headquarters when it pulls."""

    async def page(self, after: int, limit: int) -> msgspec.Struct:
        """The aggregated visits that follow a cursor. Raises ``EdgeError``."""


class _Accepted(msgspec.Struct):
    """JetStream's word that it has a batch on its disk, or why not."""

    stream: str = ""
    error: dict[str, object] | None = None


class NatsLine:
    """One connection, opened when it is needed."""

    def __init__(
        self,
        url: str,
        context: ssl.SSLContext,
        me: Identity,
        visits: Visits | None = None,
        *,
        answers_within_s: float = ANSWERS_WITHIN_S,
    ) -> None:
        self._url = url
        self._context = context
        self._me = me
        self._visits = visits
        self._answers_within_s = answers_within_s
        self._client: Client | None = None
        self._awaited: dict[str, asyncio.Future[Msg | None]] = {}
        self._told = asyncio.Event()
        self._sending = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._hang_up()

    async def send(self, batch: bytes, *, urgent: bool) -> Acknowledgement:
        kind: subjects.Kind = "withdrawals" if urgent else "events"
        subject = subjects.batches(kind, self._me.store_id, self._me.certificate)
        packed = gzip.compress(batch, GZIP_LEVEL)
        async with self._sending:  # at the server a store's next batch takes the place of its last
            await self._connected()
            sending = uuid4().hex
            answer = self._expect(sending)
            try:
                _check_accepted(await self._ask(subject, packed, {subjects.ID_HEADER: sending}))
                return _read(await self._heard(answer), Acknowledgement)
            finally:
                self._awaited.pop(sending, None)

    async def fetch(self, feed: Feed, after: int) -> Page:
        subject = subjects.pages(feed, self._me.store_id, self._me.certificate)
        return _read(await self._ask(subject, str(after).encode()), Page)

    async def rest(self, most_s: float) -> None:
        try:
            async with asyncio.timeout(most_s):
                await self._told.wait()
        except TimeoutError:
            return
        self._told.clear()

    async def _ask(self, subject: str, body: bytes, headers: dict[str, str] | None = None) -> Msg:
        client = await self._connected()
        token = uuid4().hex
        answer = self._expect(token)
        try:
            reply = subjects.answer(self._me.certificate, token)
            try:
                await client.publish(subject, body, reply=reply, headers=headers)
            except nats.errors.MaxPayloadError as error:
                raise HeadquartersRefused(
                    "the batch is more than the NATS server carries", refusal=Code.TOO_LARGE
                ) from error
            except nats.errors.Error as error:
                await self._hang_up()
                raise _unavailable(error) from error
            return await self._heard(answer)
        finally:
            self._awaited.pop(token, None)

    def _expect(self, token: str) -> asyncio.Future[Msg | None]:
        self._awaited[token] = asyncio.get_running_loop().create_future()
        return self._awaited[token]

    async def _heard(self, answer: asyncio.Future[Msg | None]) -> Msg:
        try:
            async with asyncio.timeout(self._answers_within_s):
                said = await answer
        except TimeoutError as error:
            await self._hang_up()  # the connection may be half open
            raise HeadquartersUnavailable("headquarters does not answer in time") from error
        if said is None:
            raise HeadquartersUnavailable("the connection to the NATS server was lost")
        if said.headers and said.headers.get("Status") == _NO_RESPONDERS:
            raise HeadquartersUnavailable("headquarters is not at the NATS server")
        return said

    async def _connected(self) -> Client:
        if self._client is not None and self._client.is_connected:
            return self._client
        await self._hang_up()
        client = Client()
        try:
            async with asyncio.timeout(CONNECTS_WITHIN_S):
                await client.connect(
                    self._url,
                    tls=self._context,
                    tls_handshake_first=True,  # nobody between can talk us out of TLS
                    inbox_prefix=subjects.inbox(self._me.certificate),
                    allow_reconnect=False,
                    max_reconnect_attempts=1,
                    reconnect_time_wait=0,
                    ping_interval=PINGS_EVERY_S,
                    error_cb=_note,
                    closed_cb=self._lost,
                )
                mine = subjects.answer(self._me.certificate, "*")
                await client.subscribe(mine, cb=self._deliver)
                await client.subscribe(subjects.WITHDRAWAL_TOLD, cb=self._tell)
                if self._visits is not None:
                    await client.subscribe(subjects.visits(self._me.store_id), cb=self._say_visits)
        except (OSError, TimeoutError, nats.errors.Error) as error:
            await _close(client)
            raise _unavailable(error) from error
        self._client = client
        return client

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await _close(client)
        await self._lost()

    async def _lost(self) -> None:
        for answer in self._awaited.values():
            if not answer.done():
                answer.set_result(None)

    async def _deliver(self, said: Msg) -> None:
        answer = self._awaited.get(said.subject.rsplit(".", 1)[1])
        if answer is not None and not answer.done():
            answer.set_result(said)

    async def _tell(self, _: Msg) -> None:
        self._told.set()

    async def _say_visits(self, asked: Msg) -> None:
        if self._visits is None or self._client is None or not asked.reply:
            return
        page: msgspec.Struct
        try:
            wanted = msgspec.json.decode(asked.data, type=subjects.VisitsAsked)
            page = await self._visits.page(wanted.after, wanted.limit)
        except CursorAhead as error:
            page = Problem(code=Code.CURSOR_AHEAD, detail=error.message)
        except EdgeError as error:
            page = Problem(code=Code.UNAVAILABLE, detail=error.message)
        except msgspec.DecodeError:
            page = Problem(code=Code.MALFORMED)
        headers = {subjects.PROBLEM_HEADER: str(page.code)} if isinstance(page, Problem) else None
        body = gzip.compress(msgspec.json.encode(page), GZIP_LEVEL)
        await self._client.publish(asked.reply, body, headers=headers)


def _check_accepted(said: Msg) -> None:
    try:
        accepted = msgspec.json.decode(said.data, type=_Accepted)
    except msgspec.DecodeError as error:
        raise _unavailable(error) from error
    if accepted.error is not None:
        raise HeadquartersUnavailable(f"the NATS server takes nothing ({accepted.error})")


def _read(said: Msg, kind: type[T]) -> T:
    try:
        body = gzip.decompress(said.data)
        if not (said.headers and subjects.PROBLEM_HEADER in said.headers):
            return msgspec.json.decode(body, type=kind)
        problem = msgspec.json.decode(body, type=Problem)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
        raise _unavailable(error) from error
    raise HeadquartersRefused(
        f"headquarters says {problem.code}: {problem.detail}",
        refusal=problem.code,
        last_sequence=problem.last_sequence,
    )


def _unavailable(error: Exception) -> HeadquartersUnavailable:
    if "authorization" in str(error).lower():
        return HeadquartersRefused(
            "the NATS server does not know this certificate, or no more",
            refusal=Code.STORE_UNKNOWN,
        )
    return HeadquartersUnavailable(
        f"the NATS server gives no answer of use ({type(error).__name__})"
    )


async def _close(client: Client) -> None:
    """Wait no longer than that for a goodbye that may never come, then break off.

    For that the client has no way of its own; and where its connection is lost while something is
    unsent, it lets its subscriptions wait on for ever.
    """
    below, subscriptions = client._transport, list(client._subs.values())
    try:
        async with asyncio.timeout(CLOSES_WITHIN_S):
            await client.close()
    except (OSError, TimeoutError):
        if isinstance(below, TcpTransport) and below._bare_io_writer is not None:
            below._bare_io_writer.transport.abort()
    finally:
        for each in subscriptions:
            each._stop_processing()


async def _note(error: Exception) -> None:
    expected = isinstance(error, (OSError, TimeoutError, nats.errors.Error))
    (log.debug if expected else log.error)("nats_trouble", what=type(error).__name__)
