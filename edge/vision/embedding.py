"""A face as a point on the unit sphere, near other pictures of the same face."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from edge.vision.models import InputContract


class Embedder(Protocol):
    """Makes embeddings."""

    def embed(self, crops: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Embeddings, float32 [n, dim], not yet of unit length, of aligned faces in BGR."""


class SFace:
    """SFace (Zhong et al. 2021) on onnxruntime; one face a run, as its graph wants."""

    def __init__(self, session: onnxruntime.InferenceSession, contract: InputContract) -> None:
        self._session = session
        self._contract = contract

    def embed(self, crops: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """See ``Embedder``."""
        return np.concatenate([self._session.run(None, {"data": self._blob(c)})[0] for c in crops])

    def _blob(self, crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One crop as float32 [1, 3, h, w] in the colour order and range of the contract."""
        contract = self._contract
        blob = cv2.dnn.blobFromImage(
            crop,
            scalefactor=1.0 / contract.divisor,
            mean=(contract.mean,) * 3,
            swapRB=contract.colour == "RGB",
        )
        return np.asarray(blob, np.float32)


def normalise(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows brought to unit length: float32 [n, dim] to float32 [n, dim]."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)


def fuse(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """One embedding of unit length for several pictures of one face: their mean's direction."""
    return normalise(vectors.mean(axis=0, dtype=np.float32))
