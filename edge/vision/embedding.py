"""A face as a point on the unit sphere, near other pictures of the same face."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.vision.execution import Runner
from edge.vision.models import InputContract


class Embedder(Protocol):
    """Makes embeddings."""

    def embed(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """An embedding, float32 [dim], of any length, of an aligned face in BGR."""


class SFace:
    """SFace (Zhong et al. 2021)."""

    def __init__(self, runner: Runner, contract: InputContract) -> None:
        self._runner = runner
        self._contract = contract

    def embed(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See ``Embedder``."""
        blob = cv2.dnn.blobFromImage(
            crop,
            scalefactor=1.0 / self._contract.divisor,
            mean=(self._contract.mean,) * 3,
            swapRB=self._contract.colour == "RGB",
        )
        return np.asarray(self._runner.run(np.asarray(blob, np.float32))[0][0], np.float32)
