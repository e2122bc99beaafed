"""How often a picture passes for a person, and a person for a picture (ISO/IEC 30107-3).

APCER is the share of attack presentations taken for a person, for each kind of instrument (a folder
below ``--attack`` is one) and at worst; BPCER the share of persons taken for an attack. A picture
in which no face is found, or a smaller one than the shop looks at, raises no alert either way: it
is a non-response, counted apart (APNRR, BPNRR). Each picture is one shot; at the door the shots of
a track are fused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.bench.recapture import INSTRUMENTS, Picture
from edge.errors import ConfigError
from edge.vision import packs, presentation
from edge.vision.packs import Pack
from edge.vision.photo import find
from edge.vision.presentation import AttackDetector
from edge.vision.sources import Progress

PACK = "yunet-sface"
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
Z = 1.96
"""For intervals of 95 %."""
SEED = 2
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")

Scores = list[float | None]
"""A picture's score, or None where no face was found."""


def run(
    live: Path,
    attack: Path | None,
    models_dir: Path,
    threshold: float,
    min_face_px: int,
    progress: Progress,
) -> dict[str, object]:
    """Score the pictures of two folders, at any depth; the models must have been fetched.

    Without ``attack`` the live pictures are held up in simulation. Raises ``ConfigError`` for a
    folder without pictures, ``ModelError`` for models that cannot be used.
    """
    cv2.setNumThreads(1)
    pack = packs.load(PACK, models_dir, [])
    jury = presentation.load(models_dir, pack.detector)

    def score(picture: Picture) -> float | None:
        return score_of(pack, jury, picture, min_face_px)

    persons = pictures_in(live)
    kinds = simulated(persons) if attack is None else instruments_in(attack)
    bona_fide: Scores = []
    attacks: dict[str, Scores] = {}
    for number, path in enumerate(persons):
        bona_fide.append(score(read(path)))
        progress("live", number + 1, len(persons))
    for name, pictures in kinds.items():
        attacks[name] = []
        for number, picture in enumerate(pictures):
            attacks[name].append(score(picture))
            progress(name, number + 1, len(persons) if attack is None else 0)
    return {
        "attacks": "simulated" if attack is None else "recorded",
        **summary(bona_fide, attacks, threshold),
    }


def summary(
    bona_fide: Scores, attacks: Mapping[str, Scores], threshold: float
) -> dict[str, object]:
    """Counts and rates at ``threshold``, with intervals of 95 %, and a table over others."""
    every = [score for scores in attacks.values() for score in scores]
    return {
        "threshold": threshold,
        "live": len(bona_fide),
        "attack": len(every),
        **rates(bona_fide, attacks, threshold),
        "bpnrr": _missing(bona_fide),
        "apnrr": _missing(every),
        "apcer_by_instrument": {
            name: share([s >= threshold for s in _given(scores)])
            for name, scores in attacks.items()
        },
        "table": [{"threshold": at, **rates(bona_fide, attacks, at)} for at in THRESHOLDS],
    }


def rates(
    bona_fide: Scores, attacks: Mapping[str, Scores], threshold: float
) -> dict[str, float | list[float] | None]:
    """APCER of the worst instrument and BPCER, each with its interval; None without a picture."""
    passed = [[score >= threshold for score in _given(scores)] for scores in attacks.values()]
    kinds = [kind for kind in passed if kind]
    worst = max(kinds, key=lambda kind: sum(kind) / len(kind), default=[])
    refused = [score < threshold for score in _given(bona_fide)]
    return {
        "apcer": share(worst),
        "apcer_95": interval(worst),
        "bpcer": share(refused),
        "bpcer_95": interval(refused),
    }


def share(outcomes: Sequence[bool]) -> float | None:
    """The share of true ones."""
    return round(sum(outcomes) / len(outcomes), 4) if outcomes else None


def interval(outcomes: Sequence[bool]) -> list[float] | None:
    """The Wilson score interval (Wilson 1927) of a share, at 95 %."""
    n = len(outcomes)
    if not n:
        return None
    p = sum(outcomes) / n
    middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


def score_of(
    pack: Pack, detector: AttackDetector, picture: Picture, min_face_px: int
) -> float | None:
    """The score of the largest face, None where there is none of at least ``min_face_px``."""
    found = find(pack, picture)
    found = found.where(found.widths >= min_face_px)
    if len(found) == 0:
        return None
    return detector.bona_fide(picture, found.boxes[int(np.argmax(found.areas))])


def simulated(persons: Sequence[Path]) -> dict[str, Iterator[Picture]]:
    """Each picture held up on each instrument, in front of the next one."""

    def held_up(kind: int) -> Iterator[Picture]:
        dice = np.random.default_rng(SEED)
        for number, path in enumerate(persons):
            behind = read(persons[(number + 1) % len(persons)])
            yield INSTRUMENTS[kind].held_up(read(path), behind, dice)

    return {one.name: held_up(kind) for kind, one in enumerate(INSTRUMENTS)}


def instruments_in(folder: Path) -> dict[str, Iterator[Picture]]:
    """The pictures of each folder below this one; those beside them are one kind more."""
    kinds: dict[str, list[Path]] = {}
    for path in pictures_in(folder):
        inside = path.relative_to(folder).parts
        kinds.setdefault(inside[0] if len(inside) > 1 else folder.name, []).append(path)
    return {name: map(read, paths) for name, paths in kinds.items()}


def pictures_in(folder: Path) -> list[Path]:
    """Raises ``ConfigError`` where there is none."""
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES)
    if not found:
        raise ConfigError(f"{folder} holds no JPEG, PNG or WebP picture; check the path")
    return found


def read(path: Path) -> Picture:
    """Raises ``ConfigError`` for what is no picture."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ConfigError(f"{path} is not a picture that can be read; take it out of the folder")
    return np.asarray(picture, np.uint8)


def _given(scores: Scores) -> list[float]:
    return [score for score in scores if score is not None]


def _missing(scores: Scores) -> float | None:
    return share([score is None for score in scores])
