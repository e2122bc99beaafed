"""Counting people: saved within seconds, by zone and direction; and sums under noise."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from component.footfall_shop import Counted, open_counted
from component.store_values import START, Clock

from edge.config import CameraConfig, FootfallConfig
from edge.contract import FootfallRow, Measure, Period
from edge.domain import CameraState, CameraStatus
from edge.errors import ConfigError, StoreUnavailable
from edge.flows.counting import Counting
from edge.flows.noise import Noise
from edge.store import Store

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def counted(tmp_path: Path) -> AsyncIterator[Counted]:
    async with open_counted(tmp_path / "state") as counted:
        yield counted


# --- counting ----------------------------------------------------------------------

CAMERAS = [
    CameraConfig(id="in", source="/dev/video0", place="Front door", counts="in"),
    CameraConfig(id="out", source="/dev/video1", place="Front door", counts="out"),
    CameraConfig(id="till", source="/dev/video2", place="Till"),
]


def live(*camera_ids: str) -> list[CameraState]:
    return [
        CameraState(camera_id=name, status=CameraStatus.LIVE, since_at=START) for name in camera_ids
    ]


async def test_people_are_counted_by_zone_and_direction(counted: Counted) -> None:
    counting = Counting(counted.store, counted.clock, CAMERAS)
    for _ in range(20):
        counting.passed("in")
        counting.passed("till")
    for _ in range(12):
        counting.passed("out")
    await counting.flush()
    counted.clock.move(minutes=15)
    counting.live(live("in", "out"))
    await counting.flush()
    await counted.tomorrow()
    quarters = [
        row
        for row in await counted.rows()
        if row.period is Period.QUARTER and START <= row.starts_at < START + 45 * MINUTE
    ]
    whole = [row for row in quarters if row.zone == ""]
    assert [row.traffic_in for row in whole] == [20, 0, None]
    assert [row.traffic_out for row in whole] == [12, 0, None]
    assert [row.occupancy_end for row in whole] == [8, 8, None]
    assert Measure.TRAFFIC_IN not in whole[2].suppressed
    assert not any(row.traffic_in for row in quarters if row.zone == "Till")


async def test_what_cannot_be_saved_is_counted_later(tmp_path: Path) -> None:
    clock = Clock()
    async with Store.open(tmp_path, clock) as store:
        counting = Counting(store, clock, CAMERAS)
        counting.passed("in")
    with pytest.raises(StoreUnavailable):
        await counting.flush()
    async with Store.open(tmp_path, clock) as store:
        counting._store = store
        counting.passed("in")
        await counting.flush()
        await counting.flush()
        (count,) = await store.read(lambda r: r.footfall.counts(START, START + MINUTE))
    assert count.people == 2


COUNTER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from edge.config import CameraConfig
from edge.flows.counting import Counting
from edge.store import Store

clock = lambda: datetime(2026, 3, 1, 9, tzinfo=UTC)
door = CameraConfig(id="in", source="/dev/video0", place="Front door", counts="in")

async def main():
    async with Store.open(Path(sys.argv[1]), clock) as store:
        counting = Counting(store, clock, [door])
        saved = 0
        while True:
            for _ in range(7):
                counting.passed("in")
            print(f"passed {saved + 7}", flush=True)
            await counting.flush()
            saved += 7
            print(f"saved {saved}", flush=True)

asyncio.run(main())
"""


async def test_a_killed_gateway_loses_only_what_it_had_not_saved(tmp_path: Path) -> None:
    def count_and_kill() -> tuple[int, int]:
        child = subprocess.Popen(
            [sys.executable, "-c", COUNTER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(41)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
        child.wait()
        child.stdout.close()
        words = [line.split() for line in lines if line.endswith("\n")]
        last = {word: int(number) for word, number in words}
        return last["saved"], last["passed"]

    saved, passed = await asyncio.to_thread(count_and_kill)
    clock = Clock()
    async with Store.open(tmp_path, clock) as store:
        (count,) = await store.read(lambda r: r.footfall.counts(START, START + MINUTE))
    assert saved <= count.people <= passed


# --- noise ----------------------------------------------------------------------


async def test_noise_adds_up_and_its_budget_ends(tmp_path: Path) -> None:
    config = FootfallConfig(privacy="differential", epsilon_per_day=4, epsilon_per_issue=2)
    noise = await asyncio.to_thread(lambda: Noise(epsilon_per_issue=2, epsilon_per_day=4))
    async with open_counted(tmp_path, config, noise) as counted:
        await counted.visits(30)
        await counted.people({START: 40, START + 15 * MINUTE: 50})
        await counted.tomorrow()
        rows = await counted.rows()
        assert not any(row.suppressed for row in rows)
        check_sums([row for row in rows if row.zone == ""])
        for _ in range(3):
            await counted.visits(1)
            await counted.footfall.build()
        assert {row.revision for row in await counted.rows() if row.zone == ""} <= {1, 2}
        day = await counted.store.read(lambda r: r.footfall.day(rows[0].starts_at))
        assert day is not None
        assert day.spent_millis == 4000


def check_sums(rows: list[FootfallRow]) -> None:
    for long, short in ((Period.DAY, Period.HOUR), (Period.HOUR, Period.QUARTER)):
        for row in rows:
            if row.period is long:
                inside = [
                    part
                    for part in rows
                    if part.period is short and row.starts_at <= part.starts_at < row.ends_at
                ]
                for name in (Measure.MEMBER_VISITS, Measure.TRAFFIC_IN, Measure.DWELL_5_TO_15_MIN):
                    known = [
                        number for part in inside if (number := getattr(part, name)) is not None
                    ]
                    assert getattr(row, name) == (sum(known) if known else None)


async def test_noise_without_its_library_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opendp", None)
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(ConfigError, match=r"requirements/privacy\.txt"):
        Noise(epsilon_per_issue=1, epsilon_per_day=1)
