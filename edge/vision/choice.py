"""Which way of running a model is taken here: the fastest whose answers are the right ones.

Tried once on faces of photographs that installed packages carry, and kept, sealed, beside the
prepared copy, for this processor and these versions of the libraries.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Generic, TypeVar

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.alignment import align
from edge.vision.detection import Detections, Detector
from edge.vision.embedding import Embedder
from edge.vision.execution import Execution, Runner, Unusable, machine
from edge.vision.failover import Choice, Failover, Trial
from edge.vision.models import ModelFile
from edge.vision.preparation import VERSION, seal, sealed, stem
from edge.vision.unit import normalise

SAME_EMBEDDING = 0.999
"""Least cosine with onnxruntime's f32 for every sample face.

SFace in bf16 reaches 0.9991 at worst and 0.9998 for 99 of 100 faces of LFW, and finds as many
members (models/README.md).
"""
SAME_FACES = 0.998
"""Least agreement of detectors: landmarks may move by 0.2 % of the face's width.

YuNet in bf16 moves them by that on most faces and by 9 % at worst, which brings embeddings down
to a cosine of 0.92 with themselves; f32 of another library moves them by less than 0.01 %.
"""
ROUNDS = 3
WORTHWHILE = 0.9
"""A way must take less than this part of the time of the one before it: closer is chance."""
_LONGEST_PX = 640
_PHOTOGRAPHS = (("insightface", "data/images/t1.jpg"), ("skimage", "data/astronaut.png"))

Part = TypeVar("Part")
Answer = TypeVar("Answer")
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Exam(Generic[Part, Answer]):
    """What makes a part of a pack from a loaded model, and what its answers must be.

    ``answer`` gives its answers to ``samples`` pictures; ``agreement`` of two such answers is at
    most 1, and at least ``least`` for a way that may be taken.
    """

    build: Callable[[Runner], Part]
    answer: Callable[[Part], Answer]
    agreement: Callable[[Answer, Answer], float]
    least: float
    samples: int


def choose(
    file: ModelFile, source: Path, exam: Exam[Part, Answer], executions: Sequence[Execution]
) -> tuple[Part, Failover]:
    """The fastest part that passes, as it was chosen before or after trying them all now.

    The first of ``executions`` that runs is the reference. Raises ``ModelError`` when none does.
    """
    kept = kept_choice(file, source, executions)
    if sealed(kept):
        choice = msgspec.json.decode(kept.read_bytes(), type=Choice)
        try:
            model = Failover(file, source, choice, kept, executions)
            return exam.build(model), model
        except Unusable:
            kept.unlink()
    choice = _try_all(file, source, exam, executions)
    seal(kept, msgspec.json.format(msgspec.json.encode(choice)))
    model = Failover(file, source, choice, kept, executions)
    for way in executions:
        if way.name != choice.taken:
            way.forget(file, source)
    return exam.build(model), model


def kept_choice(file: ModelFile, source: Path, executions: Sequence[Execution]) -> Path:
    """Where the choice between these ways is kept, for this processor and these libraries."""
    tried = " ".join([str(VERSION), *(way.name for way in executions)])
    names = hashlib.sha256(tried.encode()).hexdigest()[:8]
    return stem(file, source, f"{machine()}-{names}").with_suffix(".choice.json")


def _try_all(
    file: ModelFile, source: Path, exam: Exam[Part, Answer], executions: Sequence[Execution]
) -> Choice:
    """Load every way, compare the answers with those of the first that runs, and time them."""
    parts, answers, refused = _answers(file, source, exam, executions)
    if not answers:
        raise ModelError(f"nothing here runs {file.name}; install the locked packages again")
    reference = next(iter(answers.values()))
    agreement = {name: exam.agreement(reference, answer) for name, answer in answers.items()}
    for name, agreed in agreement.items():
        if agreed < exam.least:
            refused[name] = f"it answers otherwise (agreement {agreed:.4f}, {exam.least} needed)"
    ms = _timed(exam, {name: parts[name] for name in answers})
    taken = _fastest({name: ms[name] for name in answers if name not in refused})
    trials = [
        Trial(
            execution=way.name,
            ms=ms.get(way.name),
            agreement=agreement.get(way.name),
            refused=refused.get(way.name),
        )
        for way in executions
    ]
    return Choice(model=file.name, taken=taken, trials=trials)


def _answers(
    file: ModelFile, source: Path, exam: Exam[Part, Answer], executions: Sequence[Execution]
) -> tuple[dict[str, Part], dict[str, Answer], dict[str, str]]:
    """By name: the parts, their answers, and why the others give none."""
    parts: dict[str, Part] = {}
    answers: dict[str, Answer] = {}
    refused: dict[str, str] = {}
    for way in executions:
        try:
            parts[way.name] = exam.build(way.load(file, source))
            answers[way.name] = exam.answer(parts[way.name])
        except Unusable as reason:
            refused[way.name] = str(reason)
    return parts, answers, refused


def _fastest(ms: dict[str, float]) -> str:
    """The first way, unless a later one is faster by more than chance."""
    taken = next(iter(ms))
    for name in ms:
        if ms[name] < WORTHWHILE * ms[taken]:
            taken = name
    return taken


def _timed(exam: Exam[Part, Answer], parts: dict[str, Part]) -> dict[str, float]:
    """Milliseconds of processor time a sample, the best of some rounds in which all take turns."""
    best_s = dict.fromkeys(parts, math.inf)
    for _ in range(ROUNDS):
        for name, part in parts.items():
            began_s = time.process_time()
            exam.answer(part)
            best_s[name] = min(best_s[name], time.process_time() - began_s)
    return {name: round(1000 * took_s / exam.samples, 2) for name, took_s in best_s.items()}


def detection_exam(build: Callable[[Runner], Detector]) -> Exam[Detector, list[Detections]]:
    """A detector must find the same faces in the same places."""
    pictures = [within(picture) for picture in photographs()]
    return Exam(
        build=build,
        answer=lambda detector: [detector.detect(picture) for picture in pictures],
        agreement=same_faces,
        least=SAME_FACES,
        samples=len(pictures),
    )


def embedding_exam(
    build: Callable[[Runner], Embedder], detector: Detector
) -> Exam[Embedder, NDArray[np.float32]]:
    """An embedder must give the same embeddings."""
    crops = [
        crop
        for picture in map(within, photographs())
        for points in detector.detect(picture).landmarks
        for crop in _both_ways(align(picture, points))
    ]
    return Exam(
        build=build,
        answer=lambda embedder: normalise(np.stack([embedder.embed(crop) for crop in crops])),
        agreement=lambda known, given: float(np.sum(known * given, axis=1).min()),
        least=SAME_EMBEDDING,
        samples=len(crops),
    )


def same_faces(known: list[Detections], given: list[Detections]) -> float:
    """1 less the furthest that a landmark moved, in face widths; 0 for other faces."""
    if [len(found) for found in known] != [len(found) for found in given]:
        return 0.0
    moved = [0.0]
    for before, after in zip(known, given, strict=True):
        apart = np.abs(before.landmarks - after.landmarks).max(axis=(1, 2), initial=0.0)
        moved += (apart / before.widths).tolist()
    return max(0.0, 1.0 - max(moved))


@cache
def photographs() -> list[Picture]:
    """The sample photographs, uint8 [h, w, 3], blue first, found without importing packages."""
    pictures = []
    for package, path in _PHOTOGRAPHS:
        found = find_spec(package)
        if found is None or not found.submodule_search_locations:
            raise ModelError(f"the package {package} is missing; install the locked packages again")
        picture = cv2.imread(str(Path(found.submodule_search_locations[0]) / path))
        pictures.append(np.asarray(picture, np.uint8))
    return pictures


def within(picture: Picture) -> Picture:
    """A picture with its longer side at 640 px."""
    scale = _LONGEST_PX / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _both_ways(crop: Picture) -> tuple[Picture, Picture]:
    return crop, np.ascontiguousarray(crop[:, ::-1])
