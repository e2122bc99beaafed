"""Somebody with a store's certificate and a plain NATS client, who does as they please."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from edge.contract import Problem, subjects
from edge.sync.credentials import Identity, client_context, identity
from hq.nats import settled

ANSWERS_WITHIN_S = 60.0


@dataclass(slots=True)
class Guest:
    """``denied`` is what the server forbade; ``gone`` is set when it hangs up."""

    client: Client
    me: Identity
    denied: list[str] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def batches(self) -> str:
        """Where this store's events go."""
        return subjects.batches("events", self.me.store_id, self.me.certificate)

    @property
    def pages(self) -> str:
        return subjects.pages("changes", self.me.store_id, self.me.certificate)

    async def send(self, body: bytes) -> Msg:
        """Put anything where a batch belongs; gives headquarters' answer."""
        token = uuid4().hex
        answer = await self.client.subscribe(subjects.answer(self.me.certificate, token))
        await self.client.publish(self.batches, body, headers={subjects.ID_HEADER: token})
        return await answer.next_msg(ANSWERS_WITHIN_S)

    async def settled(self) -> list[str]:
        """What the server forbade, once it has read everything."""
        await settled(self.client)
        return self.denied


def problem_of(answer: Msg) -> Problem:
    return msgspec.json.decode(gzip.decompress(answer.data), type=Problem)


@asynccontextmanager
async def guest(url: str, credentials: Path) -> AsyncIterator[Guest]:
    context = await asyncio.to_thread(client_context, credentials)
    me = await asyncio.to_thread(identity, credentials)
    guest = Guest(Client(), me)

    async def note(error: Exception) -> None:
        if "permissions violation" in str(error):
            guest.denied.append(str(error))

    async def gone() -> None:
        guest.gone.set()

    await guest.client.connect(
        url,
        tls=context,
        tls_handshake_first=True,
        inbox_prefix=subjects.inbox(me.certificate),
        allow_reconnect=False,
        connect_timeout=round(ANSWERS_WITHIN_S),
        max_reconnect_attempts=1,
        error_cb=note,
        closed_cb=gone,
    )
    try:
        yield guest
    finally:
        await guest.client.close()
