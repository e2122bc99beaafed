"""From the camera to the phone, in real time: how soon a name comes, and how often it is right.

Rendered people walk up to recorded cameras of a gateway that runs in its own processes, and
a real WebSocket client takes what the feed says. A clip is as hard as a door camera makes it
within reason: a walk at 1.1 to 1.5 m/s, sway and tilt, slight turns of the head, light from
behind, the blur of a 1/50 s exposure, noise, a moving exposure, H.264 at 2.5 Mbit/s.

Latency runs from the moment at which the camera's reader delivered the first frame that
shows the face 60 px wide, to the moment at which the phone had the event. A camera is live
from its first frame (``since_at``, the wall clock of the same machine), and a file's reader
delivers frame ``k`` at ``k / 15`` s after that, so the start of each approach is known. A latency
below 0 is a name that came before the face was 60 px wide.

An alert is right if it names who is walking up to that camera then. Any other name is wrong:
a stranger's approach with one is ``strangers_named``, else it is ``named_wrongly``.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from edge.bench.cast import Cast, Person, cast
from edge.bench.enrolling import enroll
from edge.bench.live import Doors
from edge.bench.scoring import Alert, score
from edge.bench.staging import Play, film, stage
from edge.bench.usage import Usage, usage
from edge.demo.approach import FPS
from edge.demo.gateway import Phone, Recipe, paired_token, running
from edge.vision import packs

Report = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and of how much."""

LIVE_S = 30.0
LATE_S = 30.0
"""How much longer than its clips a run may take."""
SETTLE_S = 12.0
"""From the last person's end to the idle reading: the picture's background is learned again."""
READ_EVERY_S = 1.0


async def run(
    faces: Path | None,
    approaches: int,
    streams: int,
    pack: str,
    models_dir: Path,
    progress: Report,
    accepted_licences: Sequence[str] = (),
    peer: str | None = None,
) -> dict[str, Any]:
    """Measure the gateway at a door. What it keeps is deleted at the end.

    A ``peer`` then sees the same clips, twice: as it comes, and at its best setting.

    ``cpu_cores`` is the mean while people come, ``idle_cpu_cores`` that of an empty door,
    ``rss_mb`` the peak, each of gateway and vision together. Raises ``ConfigError`` for
    faces that do not do, ``ModelError`` for a pack that cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as folder:
        recipe = Recipe(Path(folder) / "state", models_dir, pack, tuple(accepted_licences))
        recipe.state_dir.mkdir(mode=0o700)
        people = await asyncio.to_thread(_cast, recipe, faces, approaches)
        token = await paired_token(recipe.state_dir)
        async with running(recipe, token, {}) as phone:
            member_ids = await enroll(phone, people.members, progress)
        enrolled = [person for person in people.members if person.name in member_ids]
        walking = enrolled[: approaches - approaches // 2]
        plays = await _film(walking, people.strangers, streams, Path(folder), progress)
        clips = {play.camera_id: play.clip for play in plays}
        async with running(recipe, token, clips) as phone:
            shown = await _watch(phone, plays, progress)
        theirs: dict[str, Any] = {}
        if peer is not None:
            doors = Doors(plays, people.members, peer, models_dir, tuple(accepted_licences))
            theirs = await asyncio.to_thread(doors.measure, progress)
    names = {member_id: name for name, member_id in member_ids.items()}
    alerts = [alert.of(names) for alert in shown.alerts]
    walks = [walk for play in plays for walk in play.walks]
    return score(walks, alerts, shown.live_at) | shown.figures | theirs


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run gave: alerts in order, each camera's first frame, and the machine's figures."""

    alerts: list[Alert]
    live_at: dict[str, datetime]
    figures: dict[str, float | None]


def _cast(recipe: Recipe, faces: Path | None, approaches: int) -> Cast:
    loaded = packs.load(recipe.pack, recipe.models_dir, list(recipe.accepted_licences))
    return cast(faces, approaches, loaded.detect)


async def _film(
    members: list[Person],
    strangers: list[Person],
    streams: int,
    folder: Path,
    progress: Report,
) -> list[Play]:
    people = {person.name: person for person in (*members, *strangers)}
    names = {person.name for person in members}
    plays = []
    for staged in stage(members, strangers, streams):
        what = f"Rendering {staged.camera_id}"

        def tell(done: int, total: int, what: str = what) -> None:
            progress(what, done, total)

        plays.append(await asyncio.to_thread(film, staged, people, names, folder, tell))
    return plays


async def _watch(phone: Phone, plays: list[Play], progress: Report) -> Shown:
    """Listen to the feed while the clips play, and read what the gateway takes."""
    alerts: list[Alert] = []
    async with phone.feed() as feed:
        listening = asyncio.create_task(_listen(feed, alerts))
        try:
            live_at = await _live(phone, len(plays))
            readings = await _read(phone, plays, live_at, progress)
            cameras = await _cameras(phone)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    return Shown(alerts, live_at, _figures(readings, cameras, plays, live_at))


async def _listen(feed: aiohttp.ClientWebSocketResponse, alerts: list[Alert]) -> None:
    async for message in feed:
        received_at = datetime.now(UTC)
        event = message.json()
        if event["kind"] == "visit.opened":
            visit = event["visit"]
            alerts.append(Alert(visit["place"], visit["member"]["id"], received_at))


async def _cameras(phone: Phone) -> list[dict[str, Any]]:
    return [view["state"] for view in (await phone.get("/cameras"))["cameras"]]


async def _live(phone: Phone, count: int) -> dict[str, datetime]:
    """When each camera's first frame came."""
    async with asyncio.timeout(LIVE_S):
        while True:
            states = await _cameras(phone)
            if len(states) == count and all(state["status"] == "live" for state in states):
                return {
                    state["camera_id"]: datetime.fromisoformat(state["since_at"])
                    for state in states
                }
            await asyncio.sleep(0.05)


async def _read(
    phone: Phone, plays: list[Play], live_at: dict[str, datetime], progress: Report
) -> list[tuple[datetime, Usage]]:
    """Readings each second until the clips have ended."""
    began_at = min(live_at.values())
    lasts_s = max(play.frames for play in plays) / FPS
    readings = []
    async with asyncio.timeout(lasts_s + LATE_S):
        while (elapsed_s := (datetime.now(UTC) - began_at).total_seconds()) < lasts_s:
            readings.append((datetime.now(UTC), usage(phone.gateway_pid)))
            progress("Playing", round(elapsed_s), round(lasts_s))
            await asyncio.sleep(READ_EVERY_S)
    progress("Playing", round(lasts_s), round(lasts_s))
    return readings


def _figures(
    readings: list[tuple[datetime, Usage]],
    cameras: list[dict[str, Any]],
    plays: list[Play],
    live_at: dict[str, datetime],
) -> dict[str, float | None]:
    ends = [live_at[play.camera_id].timestamp() + play.last_end_frame / FPS for play in plays]
    stops = [live_at[play.camera_id].timestamp() + play.frames / FPS for play in plays]
    busy = [taken for at, taken in readings if at.timestamp() <= max(ends)]
    idle = [
        taken
        for at, taken in readings
        if max(ends) + SETTLE_S <= at.timestamp() <= min(stops) - READ_EVERY_S
    ]
    peak = max(taken.rss_bytes for _, taken in readings)
    return {
        "frames_seen": sum(state["frames_seen"] for state in cameras),
        "frames_dropped": sum(state["frames_dropped"] for state in cameras),
        "cpu_cores": _cores(busy),
        "rss_mb": round(peak / 1e6, 1),
        "idle_cpu_cores": _cores(idle),
    }


def _cores(readings: list[Usage]) -> float | None:
    """Mean over the readings, None where there are too few."""
    if len(readings) < 2:
        return None
    return round(readings[-1].cores_since(readings[0]), 3)
