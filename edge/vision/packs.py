"""A detector and an embedder that go together, behind one seam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.vision.alignment import align, mirror
from edge.vision.choice import choose, detection_exam, embedding_exam
from edge.vision.detection import Detections, Detector, YuNet
from edge.vision.embedding import Embedder, SFace
from edge.vision.execution import EXECUTIONS, Execution
from edge.vision.failover import Choice, Chosen
from edge.vision.models import (
    ModelFile,
    PackEntry,
    check_licences,
    read_manifest,
    verify,
)
from edge.vision.unit import normalise


@dataclass(frozen=True, slots=True)
class Pack:
    """``model`` keys templates, ``dim`` is an embedding's length, ``threshold`` its calibration.

    ``models`` know how detector and embedder are run on this machine. Safe to use from several
    threads at once.
    """

    name: str
    model: str
    dim: int
    threshold: float
    detector: Detector
    embedder: Embedder
    models: tuple[Chosen, ...] = ()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """How detector and embedder are run, as of now."""
        return tuple(model.choice for model in self.models)

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        """Faces in a picture, uint8 [h, w, 3], blue first, searched at the size it has."""
        return self.detector.detect(bgr)

    def embed(
        self, bgr: NDArray[np.uint8], landmarks: list[NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Embeddings of unit length, float32 [n, dim], for faces given by their landmarks."""
        return self.embed_aligned([align(bgr, points) for points in landmarks])

    def embed_aligned(self, crops: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Embeddings of unit length, float32 [n, dim], of faces that ``align`` cut out."""
        if not crops:
            return np.empty((0, self.dim), np.float32)
        return normalise(np.stack([self.embedder.embed(crop) for crop in crops]))

    def embed_both_ways(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One face with its mirror image: the direction of both embeddings' mean, float32 [dim].

        Twice the work; what is peculiar to one side's light or pose cancels out.
        """
        return normalise(self.embed_aligned([crop, mirror(crop)]).sum(axis=0))


def load(
    pack_name: str,
    models_dir: Path,
    accepted_licences: list[str],
    executions: Sequence[Execution] = EXECUTIONS,
) -> Pack:
    """Verify, prepare and load a pack's files, which must have been fetched.

    Each is run by the fastest of ``executions`` that answers as the first one does. Raises
    ``ModelError`` for a missing or altered file, or a licence that was not accepted.
    """
    manifest = read_manifest()
    entry = manifest.pack(pack_name)
    check_licences(manifest, pack_name, accepted_licences)
    detector_file, embedder_file = manifest.files_of(pack_name)
    make = _insightface if pack_name == "insightface" else _default
    detector, embedder, chosen = make(
        entry,
        (detector_file, verify(detector_file, models_dir)),
        (embedder_file, verify(embedder_file, models_dir)),
        executions,
    )
    threshold = entry.calibration.threshold
    return Pack(pack_name, entry.model, entry.dim, threshold, detector, embedder, chosen)


Verified = tuple[ModelFile, Path]
Parts = tuple[Detector, Embedder, tuple[Chosen, ...]]


def _default(
    entry: PackEntry, detector: Verified, embedder: Verified, executions: Sequence[Execution]
) -> Parts:
    eyes, seeing = yunet(entry, detector, executions)
    exam = embedding_exam(lambda runner: SFace(runner, embedder[0].input), eyes)
    sface, embedding = choose(*embedder, exam, executions)
    return eyes, sface, (seeing, embedding)


def yunet(
    entry: PackEntry, detector: Verified, executions: Sequence[Execution] = EXECUTIONS
) -> tuple[Detector, Chosen]:
    """The default pack's detector alone."""
    exam = detection_exam(lambda runner: YuNet(runner, entry.min_detection_score))
    return choose(*detector, exam, executions)


def _insightface(
    entry: PackEntry, detector: Verified, embedder: Verified, executions: Sequence[Execution]
) -> Parts:
    # The package takes half a second to import and much memory: only its own pack pays.
    from edge.vision.insightface_pack import RUNS_ON, ArcFace, Scrfd

    eyes = Scrfd(*detector, entry.min_detection_score)
    seeing = _OnlyWay(Choice(model=detector[0].name, taken=RUNS_ON, trials=[]))
    exam = embedding_exam(lambda runner: ArcFace(*embedder, runner), eyes)
    arcface, embedding = choose(*embedder, exam, executions)
    return eyes, arcface, (seeing, embedding)


@dataclass(frozen=True, slots=True)
class _OnlyWay:
    """``Chosen`` without a choice."""

    choice: Choice
