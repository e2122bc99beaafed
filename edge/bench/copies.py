"""``regulars bench backup``: a big store is copied while a guide's phone is used.

The gateway and the backup are processes of their own. The backup runs as by hand, without the low
priority that the nightly one has (``regulars-backup.service``), and the copies go to a folder on
the same disk: the hardest case for the phone.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from edge.bench.guide import member_id, use
from edge.bench.waits import Waits
from edge.demo.gateway import Phone, Recipe, paired_token, running
from edge.demo.town import process
from edge.domain import ArrivedBy, Claim, Garment, Member, Purchase, Size, SizeSystem, Visit
from edge.errors import BackupFailed
from edge.store import Store, Transaction, snapshot

Report = Callable[[str, int, int], None]

BATCH = 1000
BEFORE_S = 10.0
"""How long the phone is used before anything is copied."""
CHANGED = 2000
"""Members who are changed between the copies: more than a busy day's."""
PURCHASES, VISITS = 3, 2
"""Of each member."""


async def run(folder: Path, models_dir: Path, members: int, report: Report) -> dict[str, Any]:
    """Everything lies in ``folder``. Raises ``BackupFailed`` where not everything comes back."""
    recipe = Recipe(
        folder / "state", models_dir, "yunet-sface", (), False, copies=folder / "copies"
    )
    await _fill(recipe.state_dir, range(members), report)
    token = await paired_token(recipe.state_dir)
    waits = {name: Waits() for name in ("before", "first", "second")}
    async with running(recipe, token, {}) as phone:
        ends = time.perf_counter() + BEFORE_S
        report("Using the phone", 0, 0)
        await use(phone, waits["before"], until=lambda: time.perf_counter() > ends)
        report("Copying for the first time", 0, 0)
        first = await _copied(recipe, phone, waits["first"])
        await _change(phone, min(CHANGED, members), report)
        report("Copying what changed", 0, 0)
        second = await _copied(recipe, phone, waits["second"])
    report("Putting it back", 0, 0)
    verified_s, said = await _ran(recipe, "verify", "--json")
    restored_s, _ = await _ran(recipe, "restore")
    held = snapshot.sound(recipe.state_dir / snapshot.DATA)
    if not held == json.loads(said)["members"] == members:
        raise BackupFailed(f"of {members} members {held} came back")
    return {
        "members": members,
        "database_mb": round((recipe.state_dir / snapshot.DATA).stat().st_size / 1e6, 1),
        "repository_mb": round(_size(folder / "copies") / 1e6, 1),
        "first_s": first["seconds"],
        "second_s": second["seconds"],
        "first": first,
        "second": second,
        "verify_s": round(verified_s, 1),
        "restore_s": round(restored_s, 1),
        "phones": {name: waited.summary() for name, waited in waits.items()},
    }


async def _fill(state_dir: Path, numbers: range, report: Report) -> None:
    """A store with so many members, three purchases and two visits each."""
    now = datetime.now(UTC)

    def some(batch: range) -> Callable[[Transaction], None]:
        def story(tx: Transaction) -> None:
            for number in batch:
                _put(tx, number, now)

        return story

    async with Store.open(state_dir, lambda: now) as store:
        for begun in range(0, len(numbers), BATCH):
            batch = numbers[begun : begun + BATCH]
            await store.write(some(batch))
            report("Filling the store", batch[-1] + 1, len(numbers))


def _put(tx: Transaction, number: int, now: datetime) -> None:
    member = Member(
        id=member_id(number),
        name=f"Member {number}",
        card_number=f"C{number:08d}",
        phone=f"+33 6 {number:08d}",
        sizes=(Size(garment=Garment.SHOE, system=SizeSystem.EU, value=f"{36 + number % 10}"),),
        preferences=("wool", "navy"),
        joined_at=now - timedelta(days=number % 900),
        updated_at=now,
    )
    tx.members.put(member)
    purchase = Purchase(
        id=f"p{number}",
        member_id=member.id,
        item=f"Shirt {number % 997}",
        category="shirts",
        amount=Decimal(20 + number % 90),
        currency="EUR",
        bought_at=now - timedelta(days=number % 300),
    )
    for count in range(PURCHASES):
        tx.purchases.add(replace(purchase, id=f"{purchase.id}-{count}"))
    for count in range(VISITS):
        came_at = now - timedelta(days=1 + number % 200 + 200 * count)
        visit = Visit(
            id=f"v{number}-{count}",
            member_id=member.id,
            arrived_by=ArrivedBy.CODE,
            claim=Claim.CONFIRMED,
            place="door",
            opened_at=came_at,
            last_seen_at=came_at,
            closed_at=came_at + timedelta(minutes=20),
        )
        tx.visits.put(visit)


async def _change(phone: Phone, count: int, report: Report) -> None:
    for number in range(count):
        await phone.patch(f"/members/{member_id(number)}", {"preferences": ["linen"]})
        report("Changing members", number + 1, count)


async def _copied(recipe: Recipe, phone: Phone, waits: Waits) -> dict[str, Any]:
    """One copy, and how the phone was answered meanwhile."""
    copying = asyncio.create_task(_ran(recipe, "backup", "--json"))
    try:
        await use(phone, waits, until=copying.done)
        seconds, said = await copying
    finally:
        copying.cancel()
    made = json.loads(said)
    return {
        "seconds": round(seconds, 1),
        "size_mb": round(made["size_bytes"] / 1e6, 1),
        "added_mb": round(made["added_bytes"] / 1e6, 1),
    }


async def _ran(recipe: Recipe, *words: str) -> tuple[float, bytes]:
    """A command of this shop's, from its start to its end, and what it printed."""
    config = str(recipe.state_dir / "gateway.toml")
    began = time.perf_counter()
    async with process(
        [sys.executable, "-m", "edge", *words, "--config", config],
        output=asyncio.subprocess.PIPE,
        errors=asyncio.subprocess.PIPE,
    ) as child:
        said, trouble = await child.communicate()
    if child.returncode:
        raise BackupFailed(trouble.decode(errors="replace").strip() or f"{words[0]} failed")
    return time.perf_counter() - began, said


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
