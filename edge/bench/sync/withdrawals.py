"""How soon a withdrawal in one store ends matching in another that is online.

The clock starts when the other store's till sends the withdrawal, a little before headquarters
commits it, and stops when the gateway under test logs that its gallery has let go of the face:
its vision process has answered by then that nothing of the member is matched any more.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from edge.bench.sync.crowd import Sender
from edge.bench.sync.grounds import Grounds, Transport
from edge.bench.waits import quantiles
from edge.contract import ConsentWithdrawn
from edge.demo.gateway import Json, paired_token, running
from edge.domain import Consent, Language, Member, Template, new_id
from edge.store import Store, Transaction
from edge.vision.models import read_manifest

Report = Callable[[str, int, int], None]

SPREAD_S = 0.3
"""Between two withdrawals on average, so that they meet the store's rounds at any moment."""
WAITS_S = 120.0


async def withdrawals(
    grounds: Grounds, store_id: str, transport: Transport, count: int, report: Report
) -> dict[str, Any]:
    """Withdraw so many members of a store elsewhere, at random moments."""
    recipe = grounds.recipe(store_id, transport, matching=True)
    token = await paired_token(recipe.state_dir)
    members = await _enrolled(recipe.state_dir, recipe.pack, count)
    till_id = f"till-of-{store_id}"
    await grounds.admit([till_id])
    gone: asyncio.Queue[tuple[str, float]] = asyncio.Queue()

    def hear(entry: Json) -> None:
        if entry.get("event") == "face_forgotten":
            gone.put_nowait((entry["member_id"], time.perf_counter()))

    async with (
        running(recipe, token, {}, hear) as phone,
        Sender.connected(till_id, grounds.credentials / till_id, grounds.url) as till,
    ):
        await phone.until_in_line()
        began = await _withdraw(till, members, f"Withdrawing, heard by {transport}", report)
        ended: dict[str, float] = {}
        async with asyncio.timeout(WAITS_S):
            while len(ended) < count:
                member_id, at = await gone.get()
                ended[member_id] = at
    ms = [1000 * (ended[member_id] - began[member_id]) for member_id in members]
    return {"count": count, **quantiles(ms)}


async def _withdraw(
    till: Sender, members: list[str], what: str, report: Report
) -> dict[str, float]:
    """When each withdrawal began, by member."""
    rng, began = random.Random(7), {}
    for number, member_id in enumerate(members):
        await asyncio.sleep(rng.expovariate(1 / SPREAD_S))
        told = ConsentWithdrawn(
            message_id=new_id(),
            store_id=till.store_id,
            at=datetime.now(UTC),
            consent_id=f"{till.store_id}-{number}",
            member_id=member_id,
        )
        (batch,) = till.packed([told])
        began[member_id] = time.perf_counter()
        await till.send(batch)
        report(what, number + 1, len(members))
    return began


async def _enrolled(state_dir: Path, pack: str, count: int) -> list[str]:
    """Members with a consent and an invented face each, put straight into the store."""
    now, rng = datetime.now(UTC), np.random.default_rng(7)
    entry = read_manifest().pack(pack)

    def enroll(tx: Transaction) -> list[str]:
        return [_enroll(tx, entry.model, rng.standard_normal(entry.dim), now) for _ in range(count)]

    async with Store.open(state_dir, lambda: now) as store:
        return await store.write(enroll)


def _enroll(tx: Transaction, model: str, direction: Any, now: datetime) -> str:
    member = Member(id=new_id(), name="Bench", joined_at=now, updated_at=now)
    consent = Consent(
        id=new_id(),
        member_id=member.id,
        notice_version="bench",
        language=Language.ENGLISH,
        given_at=now,
    )
    vector = (direction / np.linalg.norm(direction)).astype("<f4")
    tx.members.put(member)
    tx.consents.put(consent)
    tx.templates.add(
        Template(
            id=new_id(),
            member_id=member.id,
            consent_id=consent.id,
            model=model,
            vector=vector.tobytes(),
            quality=1.0,
            made_at=now,
        )
    )
    return member.id
