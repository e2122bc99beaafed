"""Batches as they come over either transport: unpacked within bounds, held, or refused."""

from __future__ import annotations

import zlib

import asyncpg
import msgspec

from edge.contract import BATCH_BYTES, Acknowledgement, Batch, Code
from hq import leases
from hq.books import count_refusal
from hq.ingest import ingest
from hq.problems import Refused, Reused


async def take(pool: asyncpg.Pool, store_id: str, packed: bytes) -> Acknowledgement:
    """Hold a batch durably. Raises ``Refused``, which is counted."""
    try:
        batch = unpack(packed)
        if batch.store_id != store_id:
            raise Refused(403, Code.FOREIGN_STORE, "the certificate is another store's")
        async with pool.acquire() as connection:
            return await ingest(connection, store_id, batch)
    except Refused as refused:
        async with pool.acquire() as connection, connection.transaction():
            await count_refusal(connection, store_id, refused.problem.code)
            if isinstance(refused, Reused):
                await leases.put_back(connection, store_id, refused.first)
        raise


def unpack(packed: bytes) -> Batch:
    """A batch from gzip, never unpacking more than a batch may hold. Raises ``Refused``."""
    try:
        return msgspec.json.decode(unpacked(packed), type=Batch)
    except msgspec.DecodeError as error:
        raise Refused(400, Code.MALFORMED, "not a batch") from error


def unpacked(packed: bytes) -> bytes:
    """What a store sent as gzip, as far as a batch may hold it. Raises ``Refused``."""
    if len(packed) > BATCH_BYTES:
        raise Refused(413, Code.TOO_LARGE, "more than a batch may hold")
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(packed, BATCH_BYTES)
    except zlib.error as error:
        raise Refused(400, Code.MALFORMED, "not packed with gzip") from error
    if stream.unconsumed_tail or not stream.eof:
        raise Refused(413, Code.TOO_LARGE, "more than a batch may hold, or cut short")
    return plain
