"""One contestant's turn at the same clips: ours or a peer's, each in a process of its own.

Loading, enrollment and the first ``lead_s`` of the clips, an empty shop, are warm-up; from then on
the processor is counted, decoding included. The peer reads with ``cv2.VideoCapture``, looks at
every frame whole and names every face whose nearest template reaches its threshold, as its users
write it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from edge.bench.apart import Meter, Taken, Tell, apart
from edge.bench.peers import BEST_OF, Peer, Setting, Templates, enroll, opened
from edge.bench.scoring import Alert
from edge.bench.unpaced import BEGAN_AT, Watch
from edge.config import RecognitionConfig
from edge.demo.approach import FPS
from edge.vision.sources import Progress

TELL_EVERY = FPS
TRIAL_S = 15.0
"""How much of the clips a setting is tried on: the lead, an approach, an empty shop."""


@dataclass(frozen=True, slots=True)
class Clips:
    """What every contestant is shown, camera by camera, and whom it may know."""

    paths: Mapping[str, Path]
    frames: int
    lead_s: float
    photos: Mapping[str, Sequence[bytes]]

    @property
    def counted(self) -> int:
        """Frames of all cameras after the lead."""
        return (self.frames - round(self.lead_s * FPS)) * len(self.paths)


@dataclass(frozen=True, slots=True)
class Ours:
    """Our turn."""

    clips: Clips
    recognition: RecognitionConfig
    models_dir: Path


@dataclass(frozen=True, slots=True)
class Theirs:
    """A peer's turn."""

    clips: Clips
    peer: str
    setting: Setting
    models_dir: Path
    accepted_licences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A name that was given, and how sure the contestant was; ours are sure or give none."""

    alert: Alert
    score: float


@dataclass(frozen=True, slots=True)
class Played:
    """How a turn went. A peer's ``named`` holds the nearest to every face, whatever its score."""

    named: list[Named]
    threshold: float
    enrolled: frozenset[str]
    frames: int
    taken: Taken

    @property
    def frames_per_cpu_s(self) -> float:
        return self.frames / self.taken.cpu_s

    def alerts(self, above: float) -> list[Alert]:
        """Those whom a threshold lets pass."""
        return [named.alert for named in self.named if named.score >= above]


@dataclass(frozen=True, slots=True)
class Contest:
    """Turns one after another, each in a process of its own on the same cores."""

    cores: list[int]
    progress: Progress

    def ours(self, job: Ours) -> Played:
        """Our turn."""
        return apart(play_ours, job, self.cores, partial(self.progress, "regulars"))

    def theirs(self, job: Theirs) -> Played:
        """A peer's turn."""
        what = f"{job.peer}, {job.setting.name}"
        return apart(play_theirs, job, self.cores, partial(self.progress, what))

    def best_setting(self, job: Theirs) -> Setting:
        """Whichever takes the least processor time on the first seconds of the clips."""
        frames = min(job.clips.frames, round(TRIAL_S * FPS))
        short = replace(job, clips=replace(job.clips, frames=frames))
        trials = {setting: self.theirs(replace(short, setting=setting)) for setting in BEST_OF}
        return max(BEST_OF, key=lambda setting: trials[setting].frames_per_cpu_s)


def play_ours(job: Ours, tell: Tell) -> Played:
    """Our turn, in the process that is measured. Raises ``ModelError``."""
    clips = job.clips
    watch = Watch(job.recognition, job.models_dir, clips.paths)
    enrolled = watch.enroll(clips.photos)
    meter = None
    for frame in watch.play():
        if meter is None and frame.at_s >= clips.lead_s:
            meter = Meter()
        if round(frame.at_s * FPS) % TELL_EVERY == 0:
            tell(round(frame.at_s * FPS), clips.frames)
    assert meter is not None, "clips are longer than their lead"
    named = [Named(alert, 1.0) for alert in watch.alerts]
    return Played(named, 1.0, enrolled, clips.counted, meter.read())


def play_theirs(job: Theirs, tell: Tell) -> Played:
    """A peer's turn, in the process that is measured. Raises ``ModelError``."""
    clips = job.clips
    with opened(job.peer, job.setting, job.models_dir, job.accepted_licences) as peer:
        templates = enroll(peer, clips.photos)
        captures = {camera: cv2.VideoCapture(str(path)) for camera, path in clips.paths.items()}
        named: list[Named] = []
        meter = Meter()
        for index in range(clips.frames):
            if index == round(clips.lead_s * FPS):
                meter = Meter()
            for camera, capture in captures.items():
                named += _name(peer, templates, camera, capture, index)
            if index % TELL_EVERY == 0:
                tell(index, clips.frames)
        taken = meter.read()
        for capture in captures.values():
            capture.release()
        enrolled = frozenset(templates.names)
        return Played(named, peer.threshold, enrolled, clips.counted, taken)


def _name(
    peer: Peer, templates: Templates, camera: str, capture: cv2.VideoCapture, index: int
) -> list[Named]:
    """The nearest member to every face of a camera's next frame."""
    taken, bgr = capture.read()
    if not taken:
        raise RuntimeError(f"{camera}: no frame {index} in the clip")
    shown_at = BEGAN_AT + timedelta(seconds=index / FPS)
    matches = [templates.nearest(face) for face in peer.faces(np.asarray(bgr, np.uint8))]
    return [Named(Alert(camera, m.name, shown_at), m.score) for m in matches if m is not None]
