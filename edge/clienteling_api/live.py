"""The feed to a phone over a WebSocket: everything in order, from where the phone left off.

Each phone has a task and a queue of its own, so a slow one holds up nobody. What a phone
must be told is put into JSON once, whoever listens.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress

import msgspec
import structlog
from aiohttp import WSCloseCode, web
from msgspec import UnsetType

from edge.clienteling_api import wire
from edge.clienteling_api.feed_messages import feed_message
from edge.clienteling_api.parts import PARTS, Parts
from edge.clienteling_api.requests import FeedQuery
from edge.domain import Session, SessionEnded
from edge.errors import NotPaired
from edge.feed import HISTORY, CutOff, Numbered, Subscription

log = structlog.get_logger()

HEARTBEAT_S = 20.0
WRITE_TIMEOUT_S = 10.0
MAX_MESSAGE_BYTES = 1024  # phones have nothing to say here
REVOKED = 4401
TOO_SLOW = 4408


class Encoder:
    """The JSON of recent events, made once for all phones. The oldest is dropped first."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._texts: OrderedDict[int, str] = OrderedDict()

    def text(self, numbered: Numbered) -> str:
        """The message that tells phones of an event."""
        held = self._texts.get(numbered.sequence)
        if held is None:
            message = feed_message(numbered, self._places)
            held = msgspec.json.encode(message).decode()
            self._texts[numbered.sequence] = held
            if len(self._texts) > HISTORY:
                self._texts.popitem(last=False)
        return held


ENCODER = web.AppKey("encoder", Encoder)
SOCKETS: web.AppKey[set[web.WebSocketResponse]] = web.AppKey("sockets")


async def where_the_feed_stands(parts: Parts, guide: Session, query: FeedQuery) -> wire.Position:
    """Hear what happens, as it happens.

    A WebSocket: the first message is `hello`, then every event in order. Connect again with
    the `epoch` of `hello` and the last `sequence` to miss and repeat nothing. Closed with 4401
    when this phone is revoked, with 4408 when it reads too slowly (connect again), with 1001
    when the gateway stops. Without an upgrade the answer is where the feed stands.
    """
    return wire.Position(epoch=parts.feed.epoch, sequence=parts.feed.sequence)


async def listen(request: web.Request, guide: Session, query: FeedQuery) -> web.StreamResponse:
    """Serve one phone until either side ends it."""
    parts = request.app[PARTS]
    # Not compressed: that would be done for each phone anew, and messages are small.
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT_S, max_msg_size=MAX_MESSAGE_BYTES, compress=False
    )
    with parts.feed.subscribe(*_place(query)) as subscription:
        # Asked again now that the feed is heard: a revocation came before this or comes after it.
        await _demand_paired(parts, guide)
        await socket.prepare(request)
        request.app[SOCKETS].add(socket)
        try:
            await _serve(request, socket, guide, subscription)
        finally:
            request.app[SOCKETS].discard(socket)
    return socket


def _place(query: FeedQuery) -> tuple[str | None, int | None]:
    """Where to resume; half a place is one that is not known, so nothing is missed in silence."""
    if query == FeedQuery():
        return None, None
    epoch = "" if isinstance(query.epoch, UnsetType) else query.epoch
    return epoch, 0 if isinstance(query.after, UnsetType) else query.after


async def _demand_paired(parts: Parts, guide: Session) -> None:
    session = await parts.store.read(lambda reader: reader.sessions.get(guide.id))
    if session is None or session.revoked_at is not None:
        raise NotPaired("This phone was unpaired; scan a new code")


async def _serve(
    request: web.Request, socket: web.WebSocketResponse, guide: Session, subscription: Subscription
) -> None:
    """Tell until the phone leaves; reading goes on beside it, for pings and the goodbye."""
    telling = asyncio.create_task(_tell(request, socket, guide, subscription))
    reading = asyncio.create_task(_read(socket))
    try:
        done, _ = await asyncio.wait({telling, reading}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (telling, reading):
            task.cancel()
        await asyncio.gather(telling, reading, return_exceptions=True)
    if telling in done:
        await _close(request, socket, telling.result())


async def _read(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


async def _tell(
    request: web.Request, socket: web.WebSocketResponse, guide: Session, subscription: Subscription
) -> int | None:
    """Send hello and then every event; the code to close with, None when the line is dead."""
    parts, encoder = request.app[PARTS], request.app[ENCODER]
    hello = wire.Hello(
        sequence=subscription.start, epoch=parts.feed.epoch, resync=subscription.resync
    )
    try:
        await _send(socket, msgspec.json.encode(hello).decode())
        while True:
            numbered = await subscription.next()
            if isinstance(numbered.event, SessionEnded):
                if numbered.event.session_id != guide.id:
                    continue
                await _send(socket, encoder.text(numbered))
                return REVOKED
            await _send(socket, encoder.text(numbered))
    except CutOff:
        return TOO_SLOW
    except (ConnectionError, TimeoutError):
        return None


async def _send(socket: web.WebSocketResponse, text: str) -> None:
    async with asyncio.timeout(WRITE_TIMEOUT_S):
        await socket.send_str(text)


async def _close(request: web.Request, socket: web.WebSocketResponse, code: int | None) -> None:
    """Say goodbye with ``code``; cut the line where nobody takes it any more."""
    if code is None:
        if request.transport is not None:
            request.transport.abort()
        return
    log.info("phone_disconnected", code=code)
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await socket.close(code=code)


async def close_all(app: web.Application) -> None:
    """On shutdown: tell every phone that the gateway goes away."""
    sockets = app[SOCKETS]
    goodbyes = (socket.close(code=WSCloseCode.GOING_AWAY) for socket in list(sockets))
    await asyncio.gather(*goodbyes, return_exceptions=True)
