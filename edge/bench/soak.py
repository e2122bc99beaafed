"""Whether memory stays flat: an hour's worth of frames run fast through the product's own path.

A clip is played again and again on one recording's clock, so that tracks, shots and sightings come
and go as they do in an hour at a door. Memory is that of the process with everything loaded: it is
read first after a whole pass, when every part has been used, and then after every minute shown.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from edge import usage
from edge.bench.apart import Meter, Tell, apart
from edge.bench.contest import Clips
from edge.bench.pipeline import configured, shoot
from edge.bench.unpaced import Watch
from edge.config import RecognitionConfig
from edge.demo.approach import FPS
from edge.vision.sources import Progress

PASS_S = 120.0
READ_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Soak:
    """What is played, and for how many frames."""

    clips: Clips
    frames: int
    recognition: RecognitionConfig
    models_dir: Path


@dataclass(frozen=True, slots=True)
class Soaked:
    """Memory in megabytes, first and then after each minute; processor seconds; names given."""

    rss_mb: list[float]
    cpu_s: float
    names: int


def run(
    faces: Path | None,
    frames: int,
    pack: str,
    models_dir: Path,
    progress: Progress,
    accepted_licences: Sequence[str] = (),
) -> dict[str, Any]:
    """Play so many frames after the first pass. The pack's files must have been fetched."""
    recognition = configured(pack, accepted_licences)
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        shot = shoot(faces, 1, PASS_S, recognition, models_dir, Path(folder), progress)
        job = Soak(shot.clips, frames, recognition, models_dir)
        soaked = apart(play, job, os.sched_getaffinity(0), partial(progress, "soaking"))
    return {
        "rss_mb_start": round(soaked.rss_mb[0], 1),
        "rss_mb_end": round(soaked.rss_mb[-1], 1),
        "growth_mb": round(soaked.rss_mb[-1] - soaked.rss_mb[0], 1),
        "rss_mb_max": round(max(soaked.rss_mb), 1),
        "frames": frames,
        "frames_per_cpu_s": round(frames / soaked.cpu_s, 1),
        "names_given": soaked.names,
        "pack": pack,
    }


def play(job: Soak, tell: Tell) -> Soaked:
    """The soak, in the process that is measured."""
    watch = Watch(job.recognition, job.models_dir, job.clips.paths, loop=True)
    watch.enroll(job.clips.photos)
    begins_s = job.clips.frames / FPS
    ends_s = begins_s + job.frames / FPS
    rss_mb: list[float] = []
    names, due_s, meter = 0, begins_s, None
    for frame in watch.play():
        if frame.at_s < due_s:
            continue
        meter = meter or Meter()
        due_s = min(due_s + READ_EVERY_S, ends_s)
        rss_mb.append(usage.rss_bytes() / 1e6)
        # Kept, the names would be the only thing that grows here.
        names += len(watch.alerts)
        watch.alerts.clear()
        tell(min(round((frame.at_s - begins_s) * FPS), job.frames), job.frames)
        if frame.at_s >= ends_s:
            break
    assert meter is not None, "a clip that is repeated does not end"
    return Soaked(rss_mb, meter.read().cpu_s, names)
