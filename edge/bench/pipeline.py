"""Frames per processor second, ours and a peer's, on the same clips in the same run.

Every camera shows an encoded 720p clip: somebody walks up a third of the time, members and
strangers in turn, and the shop is empty otherwise. Nothing is in real time: each contestant, in a
process of its own on the same cores, decodes and looks as fast as it can (``edge.bench.contest``).
A peer plays twice: as it comes, and at the setting that took the least on the first seconds.

An approach of a member counts as recognised if the right name came while they were in view, one
of a stranger as named if any name did. The peer's threshold is that of its model's calibration;
``peer_tpir_at_our_fpir`` is what it would have found with the best threshold for these very clips,
chosen afterwards, at which it names no more strangers than we did.
"""

from __future__ import annotations

import math
import os
import tempfile
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from edge.bench.apart import apart
from edge.bench.cast import Cast, cast
from edge.bench.contest import Clips, Ours, Played, Theirs, play_ours, play_theirs
from edge.bench.peers import AS_IT_COMES, BEST_OF, Setting
from edge.bench.scoring import Rates, rates
from edge.bench.staging import LEAD_S, Play, film, stage_by_time
from edge.bench.unpaced import BEGAN_AT
from edge.config import RecognitionConfig
from edge.demo.approach import FPS
from edge.errors import ConfigError
from edge.vision import packs
from edge.vision.sources import Progress

COMES_EVERY_S = 10.0
"""No camera shows more people than one in this time."""
TRIAL_S = 15.0
"""How much of the clips a setting is tried on: the lead, an approach, an empty shop."""


@dataclass(frozen=True, slots=True)
class Shoot:
    """What was filmed: the clips, and what they truly show."""

    plays: list[Play]
    clips: Clips

    def rates(self, played: Played, threshold: float) -> Rates:
        """How right a contestant was with this threshold."""
        walks = [walk for play in self.plays for walk in play.walks]
        began_at = {play.camera_id: BEGAN_AT for play in self.plays}
        return rates(walks, played.alerts(threshold), began_at)


def run(
    faces: Path | None,
    streams: int,
    seconds: float,
    pack: str,
    peer: str,
    models_dir: Path,
    progress: Progress,
    accepted_licences: Sequence[str] = (),
) -> dict[str, Any]:
    """Measure both. The files of our pack and of the peer's must have been fetched.

    Raises ``ConfigError`` for faces or a length that do not do, ``ModelError`` for files.
    """
    recognition = msgspec.convert(
        {"pack": pack, "accepted_licences": list(accepted_licences)}, RecognitionConfig
    )
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        shoot = _shoot(faces, streams, seconds, recognition, models_dir, Path(folder), progress)
        contest = _Contest(sorted(os.sched_getaffinity(0)), progress)
        ours = contest.ours(Ours(shoot.clips, recognition, models_dir))
        theirs = Theirs(shoot.clips, peer, AS_IT_COMES, models_dir, tuple(accepted_licences))
        as_it_comes = contest.theirs(theirs)
        setting = contest.best_setting(theirs)
        best = contest.theirs(replace(theirs, setting=setting))
    return {
        **figures(shoot, ours, as_it_comes, best),
        "streams": streams,
        "seconds": seconds,
        "cores": contest.cores,
        "pack": pack,
        "peer": peer,
        "peer_best_setting": setting.name,
    }


@dataclass(frozen=True, slots=True)
class _Contest:
    """Turns one after another, each in a process of its own on the same cores."""

    cores: list[int]
    progress: Progress

    def ours(self, job: Ours) -> Played:
        return apart(play_ours, job, self.cores, partial(self.progress, "regulars"))

    def theirs(self, job: Theirs) -> Played:
        what = f"{job.peer}, {job.setting.name}"
        return apart(play_theirs, job, self.cores, partial(self.progress, what))

    def best_setting(self, job: Theirs) -> Setting:
        """Whichever takes the least processor time on the first seconds of the clips."""
        frames = min(job.clips.frames, round(TRIAL_S * FPS))
        short = replace(job, clips=replace(job.clips, frames=frames))
        trials = {setting: self.theirs(replace(short, setting=setting)) for setting in BEST_OF}
        return max(BEST_OF, key=lambda setting: trials[setting].frames_per_cpu_s)


def _shoot(
    faces: Path | None,
    streams: int,
    seconds: float,
    recognition: RecognitionConfig,
    models_dir: Path,
    folder: Path,
    progress: Progress,
) -> Shoot:
    approaches = 2 * math.ceil(streams * seconds / COMES_EVERY_S)
    people = _cast(faces, approaches, recognition, models_dir)
    walking = people.members[: len(people.strangers)]
    stages = stage_by_time(walking, people.strangers, streams, seconds)
    if not all(stage.approaches for stage in stages):
        raise ConfigError(f"nobody can walk up within {seconds:g} s; give --seconds 30 or more")
    everybody = {person.name: person for person in (*people.members, *people.strangers)}
    names = {person.name for person in people.members}
    plays = [
        film(stage, everybody, names, folder, partial(progress, f"Rendering {stage.camera_id}"))
        for stage in stages
    ]
    clips = Clips(
        paths={play.camera_id: play.clip for play in plays},
        frames=stages[0].frames,
        lead_s=LEAD_S,
        photos={person.name: person.photos for person in people.members},
    )
    return Shoot(plays, clips)


def _cast(
    faces: Path | None, approaches: int, recognition: RecognitionConfig, models_dir: Path
) -> Cast:
    pack = packs.load(recognition.pack, models_dir, recognition.accepted_licences)
    return cast(faces, approaches, pack.detect)


def figures(shoot: Shoot, ours: Played, as_it_comes: Played, best: Played) -> dict[str, Any]:
    """What the turns come to. The peer's answers are those of its turn as it comes."""
    right, theirs = shoot.rates(ours, 1.0), shoot.rates(as_it_comes, as_it_comes.threshold)
    return {
        "frames_per_cpu_s": round(ours.frames_per_cpu_s, 1),
        "peer_frames_per_cpu_s": round(as_it_comes.frames_per_cpu_s, 1),
        "peer_best_frames_per_cpu_s": round(best.frames_per_cpu_s, 1),
        "ratio": round(ours.frames_per_cpu_s / as_it_comes.frames_per_cpu_s, 2),
        "ratio_best": round(ours.frames_per_cpu_s / best.frames_per_cpu_s, 2),
        "tpir": _share(right.tpir),
        "peer_tpir": _share(theirs.tpir),
        "fpir": _share(right.fpir),
        "peer_fpir": _share(theirs.fpir),
        "peer_tpir_at_our_fpir": _share(_generous(shoot, as_it_comes, right.named)),
        "peer_threshold": as_it_comes.threshold,
        "named_wrongly": right.named_wrongly,
        "peer_named_wrongly": theirs.named_wrongly,
        "member_approaches": right.members,
        "strangers": right.strangers,
        "gallery": len(ours.enrolled),
        "peer_gallery": len(as_it_comes.enrolled),
        "frames": ours.frames,
        "in_view": round(_in_view(shoot), 3),
        "rss_mb_start": round(ours.taken.rss_mb_start, 1),
        "rss_mb_end": round(ours.taken.rss_mb_end, 1),
        "peer_rss_mb_end": round(as_it_comes.taken.rss_mb_end, 1),
    }


def _generous(shoot: Shoot, theirs: Played, named: int) -> float | None:
    """The peer's TPIR at the lowest threshold of its own scores that names so few strangers."""

    def at(score: float) -> Rates:
        return shoot.rates(theirs, math.nextafter(score, 2.0))

    scores = sorted({0.0, *(named.score for named in theirs.named)})
    return at(scores[bisect_left(scores, True, key=lambda score: at(score).named <= named)]).tpir


def _in_view(shoot: Shoot) -> float:
    """Share of the counted frames that show somebody."""
    shown = sum(
        len({frame for walk in play.walks for frame in walk.truth.boxes}) for play in shoot.plays
    )
    return shown / shoot.clips.counted


def _share(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)
