"""The InsightFace models through the ``insightface`` package; imported only with their pack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from insightface.model_zoo import SCRFD, ArcFaceONNX
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.detection import Detections, pad
from edge.vision.execution import Answers, OnnxRunner, OnnxRuntime, Runner
from edge.vision.models import ModelFile

RUNS_ON = OnnxRuntime.name
"""What SCRFD runs on: the package speaks to onnxruntime about more than answers."""


class Scrfd:
    """SCRFD (Guo et al. 2021): a ``Detector``."""

    def __init__(self, file: ModelFile, path: Path, min_score: float) -> None:
        session = OnnxRunner(path).session
        # One session for all sizes: a session for each would grow with the photos' shapes.
        self._model = SCRFD(str(path), session, static_shape_sessions=False)
        _agree(file, self._model.input_mean, self._model.input_std)
        self._min_score = min_score

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        """See ``Detector``."""
        padded = pad(bgr)
        size = (padded.shape[1], padded.shape[0])
        faces, landmarks = self._model.detect(padded, size, det_thresh=self._min_score)
        return Detections(
            np.ascontiguousarray(faces[:, :4], np.float32),
            np.ascontiguousarray(faces[:, 4], np.float32),
            np.ascontiguousarray(landmarks, np.float32),
        )


class ArcFace:
    """ArcFace on MobileFaceNet: an ``Embedder``. The package swaps BGR to RGB itself."""

    def __init__(self, file: ModelFile, path: Path, runner: Runner) -> None:
        self._model = ArcFaceONNX(str(path), _Session(file, runner))
        _agree(file, self._model.input_mean, self._model.input_std)

    def embed(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``Embedder``."""
        return np.asarray(self._model.get_feat(crop)[0], np.float32)


@dataclass(frozen=True, slots=True)
class _Port:
    name: str
    shape: list[int | None]


class _Session:
    """What the package asks of onnxruntime's session for an embedder, on any ``Runner``."""

    def __init__(self, file: ModelFile, runner: Runner) -> None:
        self._side_px = file.input.size_px
        self._runner = runner

    def get_inputs(self) -> list[_Port]:
        return [_Port("face", [None, 3, self._side_px, self._side_px])]

    def get_outputs(self) -> list[_Port]:
        return [_Port("embedding", [None, None])]

    def run(self, outputs: list[str], feed: dict[str, NDArray[np.float32]]) -> Answers:
        return self._runner.run(feed["face"])


def _agree(file: ModelFile, mean: float, divisor: float) -> None:
    """Raises ``ModelError`` when the package would normalise otherwise than the manifest says."""
    if (mean, divisor) != (file.input.mean, file.input.divisor):
        raise ModelError(
            f"the insightface package feeds {file.name} as (value - {mean}) / {divisor}, not as "
            "the manifest says; install the locked version of the package"
        )
