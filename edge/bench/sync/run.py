"""All that ``regulars bench sync`` measures, as one JSON object."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from edge.bench.sync.books import Books, Verdict
from edge.bench.sync.day import Day
from edge.bench.sync.drain import drain
from edge.bench.sync.grounds import TRANSPORTS, Grounds, Transport, grounds
from edge.bench.sync.ingest import ingest
from edge.bench.sync.resync import EMPTY, resync
from edge.bench.sync.withdrawals import withdrawals

Report = Callable[[str, int, int], None]


class Ground(Protocol):
    """Opens a headquarters for the gateways ``stores``."""

    def __call__(self, folder: Path, *, stores: list[str]) -> AbstractAsyncContextManager[Grounds]:
        """Everything lies in ``folder``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured."""

    backlog: int
    withdrawals: int
    members: int
    stores: int


async def run(
    server: str, folder: Path, models_dir: Path, size: Size, report: Report
) -> dict[str, Any]:
    """Measure on the PostgreSQL at ``server``; everything else lies in ``folder``.

    Each measurement has a headquarters of its own, which knows of none of the others.
    """
    ground = partial(grounds, server, models_dir=models_dir)
    drained, verdict = await _drains(ground, folder / "drain", size, report)
    withdrawn = await _withdrawals(ground, folder / "withdrawal", size, report)
    async with ground(folder / "resync", stores=[EMPTY]) as place:
        resynced = await resync(place, size.members, report)
    taken_in, told = await _ingests(ground, folder / "ingest", size, report)
    verdict += told
    return {
        **drained,
        "withdrawal_ms_p95": {way: figures["ms_p95"] for way, figures in withdrawn.items()},
        "withdrawals": withdrawn,
        "resync_members_per_s": resynced["members_per_s"],
        "resync": resynced,
        **taken_in,
        "lost": verdict.lost,
        "duplicated": verdict.duplicated,
        "out_of_order": verdict.out_of_order,
    }


async def _withdrawals(
    ground: Ground, folder: Path, size: Size, report: Report
) -> dict[Transport, dict[str, Any]]:
    doors = {transport: f"door-{transport}" for transport in TRANSPORTS}
    async with ground(folder, stores=list(doors.values())) as place:
        return {
            transport: await withdrawals(place, store, transport, size.withdrawals, report)
            for transport, store in doors.items()
        }


def _days(transport: Transport, backlog: int) -> list[Day]:
    """Half the backlog and the whole of it, so that the cost of twice as much is seen."""
    return [Day(f"drain-{transport}-{share}", backlog // share) for share in (2, 1)]


async def _drains(
    ground: Ground, folder: Path, size: Size, report: Report
) -> tuple[dict[str, Any], Verdict]:
    days = {transport: _days(transport, size.backlog) for transport in TRANSPORTS}
    stores = [day.store_id for pair in days.values() for day in pair]
    per_s, costs, verdict = {}, {}, Verdict()
    async with (
        ground(folder, stores=stores) as place,
        Books.open(place.headquarters.dsn) as books,
    ):
        for transport, pair in days.items():
            half, whole = [await drain(place, books, day, transport, report) for day in pair]
            per_s[transport] = round(pair[1].messages / whole)
            costs[transport] = round(whole / half, 2)
            verdict += await books.judge(pair)
    return {"drain_events_per_s": per_s, "drain_twice_the_backlog_costs": costs}, verdict


async def _ingests(
    ground: Ground, folder: Path, size: Size, report: Report
) -> tuple[dict[str, Any], Verdict]:
    async with (
        ground(folder, stores=[]) as place,
        Books.open(place.headquarters.dsn) as books,
    ):
        half, days = await ingest(place, size.stores // 2, report)
        whole, more = await ingest(place, size.stores, report)
        figures = {
            "hq_ingest_events_per_s": whole["events_per_s"],
            "hq_ingest": whole,
            "hq_ingest_twice_the_stores_cost": round(whole["seconds"] / half["seconds"], 2),
            "postgresql": await books.durability(),
        }
        return figures, await books.judge(days + more)
