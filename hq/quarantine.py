"""Messages that could not be taken in, and what a person decides about them.

Released, a message is tried again, as if the store had sent it now. Discarded, it stays written
down and has no effect; the store is told so the next time it offers the message, forgets it, and
what waited behind it goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from edge.contract import Batch, Code, Numbered
from hq.ingest import ingest
from hq.problems import Refused
from hq.schema import Connection

SHOWN_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message in quarantine. ``kind`` is its type as it claims, "" where that cannot be read."""

    store_id: str
    sequence: int
    code: str
    kind: str
    received_at: datetime
    body: str


class _Kind(msgspec.Struct):
    type: str = ""


async def waiting(connection: Connection, limit: int) -> list[Waiting]:
    """What waits for a person, the newest first, without its text."""
    rows = await connection.fetch(
        "SELECT store_id, sequence, code, received_at, body FROM quarantine "
        "WHERE settled_at IS NULL ORDER BY received_at DESC, store_id, sequence LIMIT $1",
        limit,
    )
    return [_waiting(dict(row), with_text=False) for row in rows]


async def one(connection: Connection, store_id: str, sequence: int) -> Waiting | None:
    """One that waits, with its text as far as it is readable; None where none waits."""
    row = await connection.fetchrow(
        "SELECT store_id, sequence, code, received_at, body FROM quarantine "
        "WHERE store_id = $1 AND sequence = $2 AND settled_at IS NULL",
        *(store_id, sequence),
    )
    return _waiting(dict(row), with_text=True) if row else None


async def release(connection: Connection, store_id: str, sequence: int) -> Code | None:
    """Try a message again. None once it has been taken in, else why it still cannot be."""
    row = await connection.fetchrow(
        "SELECT body FROM quarantine WHERE store_id = $1 AND sequence = $2 FOR UPDATE",
        *(store_id, sequence),
    )
    if row is None:
        return None
    batch = Batch(store_id=store_id, messages=[numbered(sequence, row["body"])])
    try:
        answer = await ingest(connection, store_id, batch, heard=False)
    except Refused as refused:
        return refused.problem.code
    return answer.refused[0].code if answer.refused else None


async def discard(connection: Connection, store_id: str, sequence: int, now: datetime) -> None:
    """Let a message have no effect, for good."""
    await connection.execute(
        "UPDATE quarantine SET settled_at = $3 WHERE store_id = $1 AND sequence = $2",
        *(store_id, sequence, now),
    )


def numbered(sequence: int, body: bytes) -> Numbered:
    """A message as a store offers it."""
    return Numbered(sequence=sequence, message=msgspec.Raw(body))


def _waiting(row: dict[str, object], *, with_text: bool) -> Waiting:
    body = row["body"]
    assert isinstance(body, bytes)
    try:
        kind = msgspec.json.decode(body, type=_Kind).type
    except (msgspec.DecodeError, UnicodeDecodeError):
        kind = ""
    text = body[:SHOWN_BYTES].decode(errors="replace") if with_text else ""
    return msgspec.convert(row | {"kind": kind[:40], "body": text}, Waiting)
