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

from edge.bench.cast import Cast, cast
from edge.bench.contest import Clips, Contest, Ours, Played, Theirs
from edge.bench.peers import AS_IT_COMES
from edge.bench.scoring import Rates, rates
from edge.bench.staging import LEAD_S, Play, film, stage_by_time
from edge.bench.unpaced import BEGAN_AT
from edge.config import RecognitionConfig
from edge.errors import ConfigError
from edge.vision import packs
from edge.vision.sources import Progress

COMES_EVERY_S = 10.0
"""No camera shows more people than one in this time."""


@dataclass(frozen=True, slots=True)
class Shot:
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
    recognition = configured(pack, accepted_licences)
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        shot = shoot(faces, streams, seconds, recognition, models_dir, Path(folder), progress)
        contest = Contest(sorted(os.sched_getaffinity(0)), progress)
        ours = contest.ours(Ours(shot.clips, recognition, models_dir))
        theirs = Theirs(shot.clips, peer, AS_IT_COMES, models_dir, tuple(accepted_licences))
        as_it_comes = contest.theirs(theirs)
        setting = contest.best_setting(theirs)
        best = contest.theirs(replace(theirs, setting=setting))
    return {
        **figures(shot, ours, as_it_comes, best),
        "streams": streams,
        "seconds": seconds,
        "cores": contest.cores,
        "pack": pack,
        "peer": peer,
        "peer_best_setting": setting.name,
    }


def configured(pack: str, accepted_licences: Sequence[str]) -> RecognitionConfig:
    """Recognition as a shop has it that says no more than this."""
    return msgspec.convert(
        {"pack": pack, "accepted_licences": list(accepted_licences)}, RecognitionConfig
    )


def shoot(
    faces: Path | None,
    streams: int,
    seconds: float,
    recognition: RecognitionConfig,
    models_dir: Path,
    folder: Path,
    progress: Progress,
) -> Shot:
    """Choose people and film them. Raises ``ConfigError`` where nobody would walk up."""
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
    return Shot(plays, clips)


def _cast(
    faces: Path | None, approaches: int, recognition: RecognitionConfig, models_dir: Path
) -> Cast:
    pack = packs.load(recognition.pack, models_dir, recognition.accepted_licences)
    return cast(faces, approaches, pack.detect)


def figures(shot: Shot, ours: Played, as_it_comes: Played, best: Played) -> dict[str, Any]:
    """What the turns come to. The peer's answers are those of its turn as it comes."""
    right, theirs = shot.rates(ours, 1.0), shot.rates(as_it_comes, as_it_comes.threshold)
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
        "peer_tpir_at_our_fpir": _share(_generous(shot, as_it_comes, right.named)),
        "peer_threshold": as_it_comes.threshold,
        "named_wrongly": right.named_wrongly,
        "peer_named_wrongly": theirs.named_wrongly,
        "member_approaches": right.members,
        "strangers": right.strangers,
        "gallery": len(ours.enrolled),
        "peer_gallery": len(as_it_comes.enrolled),
        "frames": ours.frames,
        "in_view": round(_in_view(shot), 3),
        "rss_mb_start": round(ours.taken.rss_mb_start, 1),
        "rss_mb_end": round(ours.taken.rss_mb_end, 1),
        "peer_rss_mb_end": round(as_it_comes.taken.rss_mb_end, 1),
    }


def _generous(shot: Shot, theirs: Played, named: int) -> float | None:
    """The peer's TPIR at the lowest threshold of its own scores that names so few strangers."""

    def at(score: float) -> Rates:
        return shot.rates(theirs, math.nextafter(score, 2.0))

    scores = sorted({0.0, *(named.score for named in theirs.named)})
    return at(scores[bisect_left(scores, True, key=lambda score: at(score).named <= named)]).tpir


def _in_view(shot: Shot) -> float:
    """Share of the counted frames that show somebody."""
    shown = sum(
        len({frame for walk in play.walks for frame in walk.truth.boxes}) for play in shot.plays
    )
    return shown / shot.clips.counted


def _share(rate: float | None) -> float | None:
    return None if rate is None else round(rate, 4)
