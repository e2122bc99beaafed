"""A peer at the doors in real time, as a fair user would write it.

A thread for each camera decodes its clip at the camera's pace and leaves the newest picture in one
slot, so that nothing queues; one loop takes them in turn, looks at each whole, and names every face
whose nearest template reaches the threshold. The name counts from the moment it is known: no
phone is told, which is in the peer's favour.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.bench.apart import Meter, Tell, apart
from edge.bench.cast import Person
from edge.bench.contest import Clips, Contest, Theirs
from edge.bench.peers import AS_IT_COMES, Peer, Templates, enroll, opened
from edge.bench.peers.peer import Picture
from edge.bench.scoring import Alert, score
from edge.bench.staging import LEAD_S, Play
from edge.demo.approach import FPS
from edge.vision.sources import Progress

WAIT_S = 0.1
AFTER_S = 1.0
"""How much longer than the last person the clips play for the peer."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What a peer is shown, and whom it knows."""

    plays: list[Play]
    members: list[Person]
    peer: str
    models_dir: Path
    accepted_licences: tuple[str, ...]

    def measure(self, progress: Progress) -> dict[str, Any]:
        """``peer`` and ``peer_best``: what ``score`` says of each, and what each takes."""
        contest = Contest(sorted(os.sched_getaffinity(0)), progress)
        job = self.job()
        as_it_comes = self.live(contest, job)
        best = replace(job, setting=contest.best_setting(job))
        return {"peer": as_it_comes, "peer_best": self.live(contest, best)}

    def job(self) -> Theirs:
        """The peer's turn as it comes, until the last person is gone."""
        ends = max(play.last_end_frame for play in self.plays)
        clips = Clips(
            paths={play.camera_id: play.clip for play in self.plays},
            frames=min(self.plays[0].frames, ends + round(AFTER_S * FPS)),
            lead_s=LEAD_S,
            photos={person.name: person.photos for person in self.members},
        )
        return Theirs(clips, self.peer, AS_IT_COMES, self.models_dir, self.accepted_licences)

    def live(self, contest: Contest, job: Theirs) -> dict[str, Any]:
        """What one turn in real time came to."""
        what = f"{job.peer} at the doors, {job.setting.name}"
        lived = apart(play_live, job, contest.cores, partial(contest.progress, what))
        walks = [walk for play in self.plays for walk in play.walks]
        return score(walks, lived.alerts, lived.live_at) | {
            "name": job.peer,
            "setting": job.setting.name,
            "frames_seen": lived.frames_seen,
            "frames_dropped": lived.frames_dropped,
            "cpu_cores": round(lived.cpu_cores, 3),
            "rss_mb": round(lived.rss_mb, 1),
        }


@dataclass(frozen=True, slots=True)
class Lived:
    """How a peer's time at the doors went; ``cpu_cores`` is the mean."""

    alerts: list[Alert]
    live_at: dict[str, datetime]
    frames_seen: int
    frames_dropped: int
    cpu_cores: float
    rss_mb: float


@dataclass(slots=True)
class Slots:
    """The newest picture of each camera. Overflow policy: *newest frame wins*."""

    pictures: dict[str, Picture] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)
    live_at: dict[str, datetime] = field(default_factory=dict)
    seen: int = 0
    dropped: int = 0

    def put(self, camera: str, picture: Picture) -> None:
        """Leave a picture, over the one before if nobody took it."""
        with self.changed:
            self.live_at.setdefault(camera, datetime.now(UTC))
            self.seen += 1
            self.dropped += camera in self.pictures
            self.pictures[camera] = picture
            self.changed.notify()

    def take(self) -> tuple[str, Picture] | None:
        """The picture that waited longest; None if none comes for a while."""
        with self.changed:
            if not self.pictures and not self.changed.wait(WAIT_S):
                return None
            camera = next(iter(self.pictures))
            return camera, self.pictures.pop(camera)


def play_live(job: Theirs, tell: Tell) -> Lived:
    """A peer's time at the doors, in the process that is measured. Raises ``ModelError``."""
    clips, slots = job.clips, Slots()
    with opened(job.peer, job.setting, job.models_dir, job.accepted_licences) as peer:
        templates = enroll(peer, clips.photos)
        meter, began_s = Meter(), time.monotonic()
        readers = [
            threading.Thread(target=_read, args=(slots, camera, path, clips.frames, began_s))
            for camera, path in clips.paths.items()
        ]
        for reader in readers:
            reader.start()
        alerts: list[Alert] = []
        while any(reader.is_alive() for reader in readers) or slots.pictures:
            alerts += _look(peer, templates, slots)
            tell(round((time.monotonic() - began_s) * FPS), clips.frames)
        taken, lasted_s = meter.read(), time.monotonic() - began_s
    return Lived(
        alerts=alerts,
        live_at=slots.live_at,
        frames_seen=slots.seen,
        frames_dropped=slots.dropped,
        cpu_cores=taken.cpu_s / lasted_s,
        rss_mb=taken.rss_mb_end,
    )


def _read(slots: Slots, camera: str, path: Path, frames: int, began_s: float) -> None:
    """A camera: each picture at its time."""
    capture = cv2.VideoCapture(str(path))
    for index in range(frames):
        time.sleep(max(0.0, began_s + index / FPS - time.monotonic()))
        taken, bgr = capture.read()
        if not taken:
            break
        slots.put(camera, np.asarray(bgr, np.uint8))
    capture.release()


def _look(peer: Peer, templates: Templates, slots: Slots) -> list[Alert]:
    """Whom the next picture names, and when that was known."""
    taken = slots.take()
    if taken is None:
        return []
    camera, picture = taken
    matches = [templates.nearest(face) for face in peer.faces(picture)]
    known_at = datetime.now(UTC)
    return [
        Alert(camera, match.name, known_at)
        for match in matches
        if match is not None and match.score >= peer.threshold
    ]
