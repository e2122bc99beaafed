"""How the gateway runs: ``/metrics`` for Prometheus, and the last minutes for a manager."""

from __future__ import annotations

import msgspec
from aiohttp import hdrs, web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from edge import usage
from edge.clienteling_api import guard
from edge.clienteling_api.gateway import models_of
from edge.clienteling_api.parts import PARTS, Parts
from edge.domain import ModelRun, Role, Session
from edge.metrics.history import EVERY_S, POINTS, Point, since
from edge.metrics.reading import Reading


class CameraSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Frames a second, and frames dropped, between points; null before the camera was there."""

    camera_id: str
    place: str
    fps: list[float | None]
    dropped: list[int | None]


class ProcessSeries(msgspec.Struct, frozen=True, kw_only=True):
    """Processor seconds a second, and resident bytes; null while there was no such process."""

    cores: list[float | None]
    rss_bytes: list[int | None]


class StageLoad(msgspec.Struct, frozen=True, kw_only=True):
    """How often a stage of vision ran in these minutes, and how long one run took."""

    stage: str
    runs: int
    ms: float


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """The last minutes, a point every ``every_s``, the oldest first, at most ``most_points``.

    Latency is from a frame's capture to the decision about a face in it, null while nobody was
    seen. ``decisions`` counts outcomes since the start, ``models`` says what runs each model now.
    No member, no face, no score.
    """

    every_s: float
    most_points: int
    cores: int
    memory_bytes: int
    cameras: list[CameraSeries]
    latency_p50_ms: list[float | None]
    latency_p95_ms: list[float | None]
    gateway: ProcessSeries
    vision: ProcessSeries
    stages: list[StageLoad]
    decisions: dict[str, int]
    models: list[ModelRun]


async def get_load(parts: Parts, guide: Session) -> Load:
    """How cameras and processes ran in the last minutes."""
    history = parts.watch.history
    watched = parts.cameras if parts.vision else []
    points = list(history)
    latencies = [point.latency_s or (None, None) for point in points]
    return Load(
        every_s=EVERY_S,
        most_points=POINTS,
        cores=usage.cores(),
        memory_bytes=usage.memory_bytes(),
        cameras=[_camera(parts, camera.id, points) for camera in watched],
        latency_p50_ms=[_ms(p50_s) for p50_s, _ in latencies],
        latency_p95_ms=[_ms(p95_s) for _, p95_s in latencies],
        gateway=ProcessSeries(
            cores=[point.gateway_cores for point in points],
            rss_bytes=[point.gateway_rss_bytes for point in points],
        ),
        vision=ProcessSeries(
            cores=[point.vision_cores for point in points],
            rss_bytes=[point.vision_rss_bytes for point in points],
        ),
        stages=_stages(*history.span) if history.span else [],
        decisions=parts.arrivals.counts,
        models=models_of(parts),
    )


async def scrape(request: web.Request) -> web.Response:
    """``GET /metrics``: for whoever sits at this machine, and for a manager's session elsewhere."""
    parts = request.app[PARTS]
    if request.secure:  # the door to the LAN; the other one is open to loopback only
        await guard.admit(request, parts.pairing, Role.MANAGER)
    return web.Response(
        body=await parts.watch.text(), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE_PLAIN_0_0_4}
    )


def _camera(parts: Parts, camera_id: str, points: list[Point]) -> CameraSeries:
    return CameraSeries(
        camera_id=camera_id,
        place=parts.places[camera_id],
        fps=[point.fps.get(camera_id) for point in points],
        dropped=[point.dropped.get(camera_id) for point in points],
    )


def _stages(first: Reading, last: Reading) -> list[StageLoad]:
    """What every stage did between two readings; all it did where vision began anew."""
    if last.vision is None:
        return []
    began = first.vision.stages if first.vision else {}
    found = []
    for stage, now in last.vision.stages.items():
        before = began.get(stage)
        runs = int(since(now.runs, before.runs if before else 0))
        seconds = since(now.seconds, before.seconds if before else 0.0)
        found.append(
            StageLoad(stage=stage, runs=runs, ms=round(1000 * seconds / runs, 2) if runs else 0.0)
        )
    return found


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
