"""How fast a probe is found among a million members, and whether it is the right one.

The members are invented, the same ones every time: clustered as people are who resemble one
another, some of them twins. Half of the probes are members at the door, half strangers. The
gallery is the one that vision uses, a template for each member; no file is needed.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray

from edge import usage
from edge.bench.apart import Tell, apart
from edge.domain import Candidate, Template
from edge.vision.gallery import Gallery
from edge.vision.unit import normalise

Vectors = NDArray[np.float32]
Progress = Callable[[str, int, int], None]

QUERIES = 1000
CHUNK = 8192
"""Members made at a time: in full precision, a million would not fit beside the gallery."""
BATCH = 2000
"""Templates added at a time, as when a gallery is loaded."""
NUMPY_QUERIES = 25
NUMPY_ROWS = 1 << 18
_MODEL = "invented"
_CLUSTERS = 2000
_LIKENESS = 0.3
"""Mean score of two members of one cluster; two of different ones score near 0."""
_TWINS_EVERY = 4000
_TWINS_APART = 0.1
_AT_THE_DOOR = 0.9
"""Length of what differs between a unit template and its member at the door: they score 0.74."""
_TIE = 1e-6
"""What float32 leaves open: of two scores nearer than this either is the top one."""


@dataclass(frozen=True, slots=True)
class Question:
    """So many members, of so many components."""

    templates: int
    dim: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gallery said to each probe, how soon, and what its process took for it."""

    members: int
    probes: Vectors
    found: list[Candidate]
    times_ms: list[float]
    load_s: float
    rss_mb: float


def run(templates: int, dim: int, progress: Progress) -> dict[str, int | float | bool]:
    """Times are by the wall clock, memory is that of a process that holds the gallery alone."""
    question, cores = Question(templates, dim), os.sched_getaffinity(0)
    answer = apart(search, question, cores, partial(progress, "loading, then searching"))
    rows, scores = _exact(answer.probes, templates, progress)
    return {
        "templates": answer.members,
        "dim": dim,
        "queries": len(answer.probes),
        "ms_p50": round(float(np.percentile(answer.times_ms, 50)), 2),
        "ms_p99": round(float(np.percentile(answer.times_ms, 99)), 2),
        "rss_mb": round(answer.rss_mb),
        "agrees_with_exact": all(map(_agrees, answer.found, rows, scores)),
        "numpy_ms_p50": round(_numpy_ms(answer.probes, templates), 2),
        "load_s": round(answer.load_s, 1),
    }


def search(question: Question, tell: Tell) -> Answer:
    """Fill a gallery and search it, in the process that is measured."""
    gallery = Gallery(question.dim, _MODEL)
    started_s = time.monotonic()
    visitors = _load(gallery, question.templates, tell)
    load_s = time.monotonic() - started_s
    probes = _probes(visitors)
    found, times_ms = _search(gallery, probes, tell)
    rss_mb = usage.rss_bytes() / 1e6
    return Answer(len(gallery), probes, found, times_ms, load_s, rss_mb)


def members(count: int, dim: int) -> Iterator[Vectors]:
    """Unit vectors, float32 [up to CHUNK, dim] at a time, ``count`` in all."""
    centres = normalise(np.random.default_rng(0).standard_normal((_CLUSTERS, dim), np.float32))
    for first in range(0, count, CHUNK):
        dice = np.random.default_rng([1, first])
        n = min(CHUNK, count - first)
        own = dice.standard_normal((n, dim), np.float32) * math.sqrt((1 - _LIKENESS) / dim)
        vectors = math.sqrt(_LIKENESS) * centres[dice.integers(_CLUSTERS, size=n)] + own
        twins = vectors[::_TWINS_EVERY][: len(vectors[1::_TWINS_EVERY])]
        vectors[1::_TWINS_EVERY] = twins + _noise(dice, twins.shape, _TWINS_APART)
        yield normalise(np.asarray(vectors, np.float32))


def _noise(dice: np.random.Generator, shape: tuple[int, ...], length: float) -> Vectors:
    noise = dice.standard_normal(shape, np.float32)
    return np.asarray(noise * (length / math.sqrt(shape[-1])), np.float32)


def _load(gallery: Gallery, count: int, tell: Tell) -> Vectors:
    """Enrol the members; return those who will come to the door."""
    every = max(1, 2 * count // QUERIES)
    visitors = []
    for vectors in members(count, gallery.dim):
        first = len(gallery)
        for start in range(0, len(vectors), BATCH):
            gallery.add(_templates(first + start, vectors[start : start + BATCH]))
            tell(len(gallery), count)
        visitors.append(vectors[-first % every :: every].copy())
    return np.concatenate(visitors)[: QUERIES // 2]


def _templates(first: int, vectors: Vectors) -> Iterator[Template]:
    now = datetime.now(UTC)
    for row, vector in enumerate(vectors, first):
        yield Template(
            id=f"{row:032x}",
            member_id=f"{row:032x}",
            consent_id="",
            model=_MODEL,
            vector=vector.tobytes(),
            quality=1.0,
            made_at=now,
        )


def _probes(visitors: Vectors) -> Vectors:
    """Members as a camera sees them, and as many strangers, in turn."""
    dice = np.random.default_rng(2)
    probes = np.empty((2 * len(visitors), visitors.shape[1]), np.float32)
    probes[::2] = visitors + _noise(dice, visitors.shape, _AT_THE_DOOR)
    probes[1::2] = dice.standard_normal(visitors.shape, np.float32)
    return normalise(probes)


def _search(gallery: Gallery, probes: Vectors, tell: Tell) -> tuple[list[Candidate], list[float]]:
    """The top candidate of each probe, and how long each search took."""
    found, times_ms = [], []
    for number, probe in enumerate(probes, 1):
        began_s = time.perf_counter()
        candidates = gallery.search(probe)
        times_ms.append((time.perf_counter() - began_s) * 1e3)
        found.append(candidates[0])
        tell(number, len(probes))
    return found, times_ms


def _exact(
    probes: Vectors, count: int, progress: Progress
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Each probe's best row in full precision, and its score; some members at a time."""
    scores = np.full(len(probes), -np.inf, np.float32)
    rows = np.zeros(len(probes), np.intp)
    first = 0
    for vectors in members(count, probes.shape[1]):
        block = probes @ vectors.T
        tops = block.argmax(axis=1)
        best = block[np.arange(len(probes)), tops]
        rows = np.where(best > scores, first + tops, rows)
        scores = np.maximum(best, scores)
        first += len(vectors)
        progress("comparing", first, count)
    return rows, scores


def _numpy_ms(probes: Vectors, count: int) -> float:
    """What a plain search takes, measured on ``NUMPY_ROWS`` and scaled to all.

    All rows in full precision would need gigabytes; so many already outgrow every cache.
    """
    matrix = np.concatenate(list(members(min(count, NUMPY_ROWS), probes.shape[1])))
    times_s = []
    for probe in probes[:NUMPY_QUERIES]:
        began_s = time.perf_counter()
        np.argmax(matrix @ probe)
        times_s.append(time.perf_counter() - began_s)
    return float(np.median(times_s)) * 1e3 * count / len(matrix)


def _agrees(found: Candidate, row: np.intp, score: np.float32) -> bool:
    return int(found.member_id, 16) == int(row) or found.score >= float(score) - _TIE
