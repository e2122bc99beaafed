"""What headquarters takes in when a thousand stores speak at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from edge.bench.sync.crowd import Sender, crowd
from edge.bench.sync.day import Day
from edge.bench.sync.grounds import Grounds
from edge.bench.waits import quantiles

EVENTS_OF_A_STORE = 200
MEMBERS_OF_A_STORE = 50
Report = Callable[[str, int, int], None]


async def ingest(grounds: Grounds, stores: int, report: Report) -> tuple[dict[str, Any], list[Day]]:
    """Each store sends what it gathered while headquarters was away, as its gateway would."""
    days = [
        Day(f"ingest{stores}-{number:04d}", EVENTS_OF_A_STORE, MEMBERS_OF_A_STORE)
        for number in range(stores)
    ]
    names = [day.store_id for day in days]
    what = f"Taking in from {stores} stores"
    report(what, 0, stores)
    await grounds.admit(names)
    done = 0

    async def speak(sender: Sender, batches: list[bytes]) -> list[float]:
        nonlocal done
        seconds = [await sender.send(batch) for batch in batches]
        done += 1
        report(what, done, stores)
        return seconds

    async with crowd(names, grounds.credentials, grounds.url) as senders:
        packed = [s.packed(day.told()) for s, day in zip(senders, days, strict=True)]
        began = time.perf_counter()
        waits = await asyncio.gather(*map(speak, senders, packed))
        seconds = time.perf_counter() - began
    ms = [1000 * wait for of_store in waits for wait in of_store]
    return {
        "stores": stores,
        "events": stores * EVENTS_OF_A_STORE,
        "batch_events": EVENTS_OF_A_STORE,
        "events_per_s": round(stores * EVENTS_OF_A_STORE / seconds),
        "acknowledged": quantiles(ms),
        "seconds": round(seconds, 2),
    }, days
