"""Who vouches for this machine's clock, and the time that the store writes down."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime

from edge.flows.clock import note_time
from edge.rules.clock import passed
from edge.store import Store

NOTED_EVERY_S = 300.0
"""First so long after the start: before that the network may not have set the clock yet."""
ASKS_FOR_S = 10.0


def synchronised() -> bool | None:
    """Whether the network set the clock; None where nobody can say. Blocks."""
    program = shutil.which("timedatectl")
    if program is None:
        return None
    asked = [program, "show", "--property", "NTPSynchronized", "--value"]
    try:
        said = subprocess.run(
            asked, capture_output=True, text=True, check=False, timeout=ASKS_FOR_S
        )
    except subprocess.TimeoutExpired:
        return None
    return said.stdout.strip() == "yes" if said.returncode == 0 else None


async def keep_time(store: Store, clock: Callable[[], datetime], store_id: str) -> None:
    """Note the time once."""
    vouched = await asyncio.to_thread(synchronised)
    await note_time(store, clock(), vouched=bool(vouched), store_id=store_id)


async def never_before(store: Store, clock: Callable[[], datetime]) -> Callable[[], datetime]:
    """A clock for certificates: phones know the time, so none is made for one that has passed."""
    passed_at = passed(await store.read(lambda reader: reader.redemptions.latest_at()))
    return lambda: max(clock(), passed_at)
