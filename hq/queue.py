"""The work queues of a NATS server: a stream for each kind of batch, shared by all instances."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import msgspec
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import api
from nats.js.client import JetStreamContext

from edge.contract import Code, Problem, subjects
from edge.contract.subjects import KINDS, Kind
from hq import books
from hq.batches import take
from hq.broker import MAX_PAYLOAD
from hq.problems import Refused

log = structlog.get_logger(__name__)

GROUP = "headquarters"
ASKS_EVERY_S = 5.0
ANOTHER_MAY_TRY_S = 10.0  # after an instance took a batch and was not heard of again
TRIES, BETWEEN_TRIES_S = 5, 1.0
Answer = Callable[[str, str, msgspec.Struct], Awaitable[None]]


async def prepare(client: Client) -> None:
    """Make the streams where they are missing, as on a server that lost its disk. The stores still
    have all that it held.
    """
    jetstream = client.jetstream()
    for kind in KINDS:
        await jetstream.add_stream(
            api.StreamConfig(
                name=subjects.stream(kind),
                subjects=[subjects.batches(kind, "*", "*")],
                storage=api.StorageType.FILE,
                retention=api.RetentionPolicy.WORK_QUEUE,
                # A store's next sending takes the place of one that still waits.
                max_msgs_per_subject=1,
                discard=api.DiscardPolicy.OLD,
                max_msg_size=MAX_PAYLOAD,
            )
        )
        await jetstream.add_consumer(
            subjects.stream(kind),
            api.ConsumerConfig(
                durable_name=GROUP,
                ack_policy=api.AckPolicy.EXPLICIT,
                ack_wait=ANOTHER_MAY_TRY_S,
            ),
        )


class Taker:
    """Takes batches from the queues over one connection. ``answer`` tells a certificate, under
    the token of its sending, what became of its batch.
    """

    def __init__(self, client: Client, pool: asyncpg.Pool, answer: Answer) -> None:
        self._jetstream = client.jetstream()
        self._pool = pool
        self._answer = answer

    async def run(self, kind: Kind) -> None:
        """One after the other, until the connection ends; ``nats.errors.Error`` says so."""
        queue = await self._jetstream.pull_subscribe_bind(GROUP, subjects.stream(kind))
        while True:
            batch = await _next(queue)
            if batch is None:
                continue
            # Isolated, so that what one batch brings to light never stops the others.
            (outcome,) = await asyncio.gather(self._take(batch), return_exceptions=True)
            if isinstance(outcome, Exception):
                await self._put_back(batch, outcome)

    async def _take(self, batch: Msg) -> None:
        """Hold a batch, then let it leave the queue, then answer."""
        certificate, token = _sender(batch)
        if not token.isalnum():
            await batch.term()  # from nobody who wants to hear of it
            return
        said: msgspec.Struct
        try:
            async with self._pool.acquire() as connection:
                store_id = await books.store_of(connection, name=certificate)
            said = await take(self._pool, store_id, batch.data)
        except Refused as refused:
            said = refused.problem
        await batch.ack()
        await self._answer(certificate, token, said)

    async def _put_back(self, batch: Msg, error: Exception) -> None:
        """For another try; after the last the store is told, which still holds it all."""
        tries = batch.metadata.num_delivered
        log.warning("batch_put_back", tries=tries, what=type(error).__name__)
        if tries < TRIES:
            await batch.nak(delay=BETWEEN_TRIES_S)
            return
        await batch.term()
        problem = Problem(code=Code.UNAVAILABLE, detail="the batch cannot be held now")
        await self._answer(*_sender(batch), problem)


async def _next(queue: JetStreamContext.PullSubscription) -> Msg | None:
    try:
        (batch,) = await queue.fetch(1, timeout=ASKS_EVERY_S)
    except nats.errors.TimeoutError:
        return None
    return batch


def _sender(batch: Msg) -> tuple[str, str]:
    """The certificate, which the server vouches for, and the token that came with the batch."""
    return batch.subject.rsplit(".", 1)[1], (batch.headers or {}).get(subjects.ID_HEADER, "")
