"""A guide's phone that is used without a rest, and how long it waits for each answer."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable

from edge.bench.waits import Waits
from edge.demo.gateway import Phone

PAUSE_S = 0.02
"""Between two requests: it is busier than fifty guides' phones together."""
ASKED_FOR = 100
"""Members whom it asks for, in turn."""


def member_id(number: int) -> str:
    """Of the member named ``Member {number}``, by every benchmark."""
    return f"member-{number:08d}"


async def use(phone: Phone, waits: Waits, *, until: Callable[[], bool]) -> None:
    """Search, look who is there, open a card, in turn."""
    for number in itertools.count():
        if until():
            return
        path, of_kind = (
            (f"/members?q=Member {number % ASKED_FOR}", waits.of["reads"]),
            ("/visits", waits.of["reads"]),
            (f"/members/{member_id(number % ASKED_FOR)}?reason=search", waits.of["cards"]),
        )[number % 3]
        began = time.perf_counter()
        if await phone.found(path):
            of_kind.append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(PAUSE_S)
