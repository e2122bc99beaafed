"""How many of the messages that wait travel together, and how long to wait after trouble."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec

from edge.contract import BATCH_BYTES, BATCH_MESSAGES, Batch, Numbered
from edge.store.outbox import Outgoing

NUMBERED_BYTES = 48  # a sequence number, two names and their punctuation
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0


def fitting(waiting: Sequence[Outgoing], most_bytes: int = BATCH_BYTES // 2) -> list[Outgoing]:
    """The longest beginning of the line that fits one batch, and at least one message.

    Withdrawals travel with withdrawals alone, so that they can go by a way of their own.
    """
    taken: list[Outgoing] = []
    size = 0
    for outgoing in waiting[:BATCH_MESSAGES]:
        size += len(outgoing.body.encode()) + NUMBERED_BYTES
        if taken and (size > most_bytes or outgoing.urgent != taken[0].urgent):
            break
        taken.append(outgoing)
    return taken


def encoded(store_id: str, messages: Sequence[Outgoing], waits_from: int | None = None) -> bytes:
    """A batch as bytes; the messages are not read again."""
    numbered = [
        Numbered(sequence=out.id, message=msgspec.Raw(out.body.encode())) for out in messages
    ]
    batch = Batch(store_id=store_id, messages=numbered, waits_from=waits_from)
    return msgspec.json.encode(batch)


def pause_s(failures: int) -> float:
    """Full jitter (AWS Architecture Blog, 2015): stores that lost headquarters together do not
    come back together.
    """
    return random.uniform(0, min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures, 10)))
