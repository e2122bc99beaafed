"""The last minutes as evenly spaced points, in memory only."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from edge.metrics.reading import Reading

EVERY_S = 5.0
POINTS = 180
"""A quarter of an hour. Overflow policy: *the oldest point goes*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What happened between two readings; a value is None where nothing was to be measured.

    ``fps`` and ``dropped`` (frames) are by camera, cores are processor seconds a second;
    ``waiting`` counts messages for headquarters.
    """

    at: datetime
    fps: dict[str, float]
    dropped: dict[str, int]
    latency_s: tuple[float, float] | None
    gateway_cores: float
    vision_cores: float | None
    gateway_rss_bytes: int
    vision_rss_bytes: int | None
    waiting: int | None


class History:
    """Points, the oldest first, and the readings between which they lie."""

    def __init__(self) -> None:
        self._points: deque[Point] = deque(maxlen=POINTS)
        self._readings: deque[Reading] = deque(maxlen=POINTS + 1)

    def __iter__(self) -> Iterator[Point]:
        return iter(self._points)

    @property
    def span(self) -> tuple[Reading, Reading] | None:
        """The first and the last reading held."""
        return (self._readings[0], self._readings[-1]) if self._readings else None

    def add(self, reading: Reading, latency_s: tuple[float, float] | None, at: datetime) -> None:
        """Keep a reading, and the point between it and the one before."""
        if self._readings:
            self._points.append(_between(self._readings[-1], reading, latency_s, at))
        self._readings.append(reading)


def _between(
    before: Reading, now: Reading, latency_s: tuple[float, float] | None, at: datetime
) -> Point:
    elapsed_s = max(now.at_s - before.at_s, 1e-3)
    seen = {camera.camera_id: camera.frames_seen for camera in before.cameras}
    dropped = {camera.camera_id: camera.frames_dropped for camera in before.cameras}
    was = before.vision.cpu_s if before.vision else 0.0
    vision = now.vision
    return Point(
        at=at,
        fps={
            camera.camera_id: round(
                since(camera.frames_seen, seen.get(camera.camera_id, 0)) / elapsed_s, 1
            )
            for camera in now.cameras
        },
        dropped={
            camera.camera_id: int(since(camera.frames_dropped, dropped.get(camera.camera_id, 0)))
            for camera in now.cameras
        },
        latency_s=latency_s,
        gateway_cores=round(since(now.cpu_s, before.cpu_s) / elapsed_s, 3),
        vision_cores=round(since(vision.cpu_s, was) / elapsed_s, 3) if vision else None,
        gateway_rss_bytes=now.rss_bytes,
        vision_rss_bytes=vision.rss_bytes if vision else None,
        waiting=now.backlog.waiting if now.backlog else None,
    )


def since(now: float, before: float) -> float:
    """What a counter gained; one that began anew with its process counts from 0."""
    return now - before if now >= before else now
