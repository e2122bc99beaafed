"""How fast an empty store takes in a chain's members, and how its phones are answered meanwhile."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

from edge import contract
from edge.bench.guide import member_id, use
from edge.bench.sync.crowd import Sender
from edge.bench.sync.day import BEGAN_AT
from edge.bench.sync.grounds import Grounds
from edge.bench.waits import Waits
from edge.contract import BATCH_MESSAGES, Profile
from edge.demo.gateway import Phone, paired_token, running
from edge.domain import Language

Report = Callable[[str, int, int], None]

SOURCE, EMPTY = "source", "empty"
IDLE_S = 5.0


async def resync(grounds: Grounds, members: int, report: Report) -> dict[str, Any]:
    """Tell headquarters of so many members, then start a store that knows none of them."""
    await _tell(grounds, members, report)
    recipe = grounds.recipe(EMPTY, "https")
    token = await paired_token(recipe.state_dir)
    began = time.perf_counter()
    async with running(recipe, token, {}) as phone:
        during, idle = Waits(), Waits()
        catching_up = asyncio.create_task(_caught_up(phone, members, report))
        try:
            await use(phone, during, until=catching_up.done)
            seconds = await catching_up - began
        finally:
            catching_up.cancel()
        ends = time.perf_counter() + IDLE_S
        await use(phone, idle, until=lambda: time.perf_counter() > ends)
    return {
        "members": members,
        "members_per_s": round(members / seconds),
        "seconds": round(seconds, 1),
        "phones_meanwhile": during.summary(),
        "phones_idle": idle.summary(),
    }


async def _tell(grounds: Grounds, members: int, report: Report) -> None:
    await grounds.admit([SOURCE])
    told = _profiles(members)
    async with Sender.connected(SOURCE, grounds.credentials / SOURCE, grounds.url) as source:
        for begun in range(0, members, BATCH_MESSAGES):
            for batch in source.packed(itertools.islice(told, BATCH_MESSAGES)):
                await source.send(batch)
            done = min(begun + BATCH_MESSAGES, members)
            report("Telling headquarters of members", done, members)


def _profiles(members: int) -> Iterator[contract.MemberChanged]:
    for number in range(members):
        yield contract.MemberChanged(
            message_id=f"{SOURCE}-{number:08d}",
            store_id=SOURCE,
            at=BEGAN_AT,
            member_id=member_id(number),
            joined_at=BEGAN_AT,
            profile=Profile(
                name=f"Member {number}",
                card_number=f"C{number:08d}",
                phone=f"+33 6 {number:08d}",
                language=Language.ENGLISH,
                preferences=("wool", "navy"),
            ),
        )


async def _caught_up(phone: Phone, members: int, report: Report) -> float:
    """When the store was in line; the progress is the one that its manager sees."""
    while True:
        line = (await phone.get("/headquarters"))["line"]
        if line["status"] == "in_line":
            return time.perf_counter()
        if line["status"] == "catching_up":
            report("Resyncing", members - line["remaining"], members)
        await asyncio.sleep(0.2)
