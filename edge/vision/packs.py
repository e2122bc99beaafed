"""A detector and an embedder that go together, behind one seam."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edge.vision.alignment import align
from edge.vision.detection import Detections, Detector, YuNet
from edge.vision.embedding import Embedder, SFace, normalise
from edge.vision.models import (
    ModelFile,
    PackEntry,
    check_licences,
    read_manifest,
    verify,
)
from edge.vision.preparation import prepared


@dataclass(frozen=True, slots=True)
class Pack:
    """``model`` keys templates, ``dim`` is an embedding's length, ``threshold`` its calibration.

    Safe to use from several threads at once.
    """

    name: str
    model: str
    dim: int
    threshold: float
    detector: Detector
    embedder: Embedder

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


def load(pack_name: str, models_dir: Path, accepted_licences: list[str]) -> Pack:
    """Verify, prepare and load a pack's files, which must have been fetched.

    Raises ``ModelError`` for a missing or altered file, or a licence that was not accepted.
    """
    manifest = read_manifest()
    entry = manifest.pack(pack_name)
    check_licences(manifest, pack_name, accepted_licences)
    detector_file, embedder_file = manifest.files_of(pack_name)
    make = _insightface if pack_name == "insightface" else _default
    detector, embedder = make(
        entry,
        (detector_file, verify(detector_file, models_dir)),
        (embedder_file, verify(embedder_file, models_dir)),
    )
    return Pack(pack_name, entry.model, entry.dim, entry.calibration.threshold, detector, embedder)


Verified = tuple[ModelFile, Path]


def _default(entry: PackEntry, detector: Verified, embedder: Verified) -> tuple[Detector, Embedder]:
    return (
        YuNet(session(prepared(*detector)), entry.min_detection_score),
        SFace(session(prepared(*embedder)), embedder[0].input),
    )


def _insightface(
    entry: PackEntry, detector: Verified, embedder: Verified
) -> tuple[Detector, Embedder]:
    # The package takes half a second to import and much memory: only its own pack pays.
    from edge.vision.insightface_pack import ArcFace, Scrfd

    return (
        Scrfd(*detector, session(detector[1]), entry.min_detection_score),
        ArcFace(*embedder, session(prepared(*embedder))),
    )


def session(path: Path) -> onnxruntime.InferenceSession:
    """A model on one thread of the processor.

    The default, a pool that spins for each model, costs twice the processor time for the same
    answers: pools of detector and embedder fight over the same cores.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
