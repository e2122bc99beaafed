"""Vectors of unit length: the cosine of two of them is their product."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def normalise(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows brought to unit length: float32 [n, dim] to float32 [n, dim]."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-12), np.float32)
