"""How soon a gateway is there: from the start of its process to its first answer, and to a name.

A member stands at the door when it starts, as after a power cut at noon. The first answer is that
of ``GET /api/v1/health``, asked every ``ASKED_EVERY_S``; the first recognition is the event on a
phone that connects as soon as there is an answer. Warm, the models were prepared by an earlier
start; cold, their folder holds what was fetched and nothing else, as after an installation that
was cut short.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from edge.bench.cast import Person, cast
from edge.bench.enrolling import enroll
from edge.bench.usage import usage
from edge.demo.approach import FPS, Approach
from edge.demo.clip import render
from edge.demo.gateway import ABSENCE_S, Recipe, paired_token, running
from edge.demo.people import figures_of
from edge.demo.town import free_port, process
from edge.vision import packs

PACK = "yunet-sface"
ASKED_EVERY_S = 0.01
LONGEST_S = 180.0
CLIP_S = 60
NEAR_PX = 120.0
STANDS_M_S = 0.0001
"""So slowly that the whole clip shows somebody who stands there."""

Report = Callable[[str, int, int], None]


class Started(NamedTuple):
    """Seconds from the start of the process, and of the processor for it and all below it."""

    answered_s: float
    answered_cpu_s: float
    named_s: float
    named_cpu_s: float


async def run(starts: int, models_dir: Path, report: Report) -> dict[str, Any]:
    """Start a gateway so many times, warm and cold. What it keeps is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as temporary:
        folder = Path(temporary)
        models = folder / "models"
        shutil.copytree(models_dir, models, ignore=shutil.ignore_patterns("prepared"))
        recipe = Recipe(folder / "state", models, PACK, (), loopback_port=free_port())
        recipe.state_dir.mkdir(mode=0o700)
        person = await asyncio.to_thread(_member, recipe)
        token = await paired_token(recipe.state_dir)
        async with running(recipe, token, {}) as phone:
            await enroll(phone, [person], report)
        clip = folder / "door.mp4"
        await asyncio.to_thread(_stand, person, clip, report)
        took: dict[str, list[Started]] = {"warm": [], "cold": []}
        for _ in range(starts):
            for kind, times in took.items():
                report("Starting", len(took["warm"]) + len(took["cold"]), 2 * starts)
                if kind == "cold":
                    shutil.rmtree(models / "prepared")
                times.append(await _start(recipe, token, clip))
        return {"starts": starts} | {kind: _summary(times) for kind, times in took.items()}


def _member(recipe: Recipe) -> Person:
    pack = packs.load(PACK, recipe.models_dir, [])
    return cast(None, 2, pack.detect).members[0]


def _stand(person: Person, clip: Path, report: Report) -> None:
    near = Approach(
        person=person.name,
        start_frame=0,
        far_px=NEAR_PX - 1,
        near_px=NEAR_PX,
        speed_m_s=STANDS_M_S,
    )
    figures = figures_of([person.shown])

    def tell(done: int, total: int) -> None:
        report("Rendering the door", done, total)

    render(clip, [near], figures, frames=CLIP_S * FPS, seed=7, progress=tell)


async def _start(recipe: Recipe, token: str, clip: Path) -> Started:
    """One start. Waits until the visit before has ended."""
    await asyncio.sleep(ABSENCE_S + 1)
    config = recipe.state_dir / "gateway.toml"
    config.write_text(recipe.toml({"door": clip}), encoding="utf-8")
    command = ["-m", "edge", "run", "--config", str(config), "--models-dir", str(recipe.models_dir)]
    address = f"http://127.0.0.1:{recipe.loopback_port}/api/v1"
    began_s = time.perf_counter()
    async with (
        process([sys.executable, *command], errors=asyncio.subprocess.DEVNULL) as child,
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http,
        asyncio.timeout(LONGEST_S),
    ):
        await _answered(http, address)
        answered_s, answered_cpu_s = time.perf_counter() - began_s, usage(child.pid).cpu_s
        async with http.ws_connect(f"{address}/feed") as feed:
            while (await feed.receive_json())["kind"] != "visit.opened":
                pass
        named_s, named_cpu_s = time.perf_counter() - began_s, usage(child.pid).cpu_s
        return Started(answered_s, answered_cpu_s, named_s, named_cpu_s)


async def _answered(http: aiohttp.ClientSession, address: str) -> None:
    while True:
        try:
            async with http.get(f"{address}/health") as answer:
                answer.raise_for_status()
                return
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(ASKED_EVERY_S)


def _summary(times: list[Started]) -> dict[str, dict[str, int]]:
    return {
        "first_answer_ms": _figures([each.answered_s for each in times]),
        "first_answer_cpu_ms": _figures([each.answered_cpu_s for each in times]),
        "first_recognition_ms": _figures([each.named_s for each in times]),
        "first_recognition_cpu_ms": _figures([each.named_cpu_s for each in times]),
    }


def _figures(seconds: list[float]) -> dict[str, int]:
    in_ms = [1000 * value for value in seconds]
    return {"median": round(statistics.median(in_ms)), "max": round(max(in_ms))}
