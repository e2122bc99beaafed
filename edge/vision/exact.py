"""Search of an ordinary gallery: one matrix in full precision, compared whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FIRST_CAPACITY = 64


class ExactRows:
    """Rows of unit length in one growing matrix."""

    def __init__(self, dim: int) -> None:
        self.matrix = np.zeros((_FIRST_CAPACITY, dim), np.float32)

    def write(self, row: int, vectors: NDArray[np.float32]) -> None:
        """Put unit vectors, float32 [n, dim], into the rows from ``row`` on."""
        while row + len(vectors) > len(self.matrix):
            self.matrix = np.concatenate([self.matrix, np.zeros_like(self.matrix)])
        self.matrix[row : row + len(vectors)] = vectors

    def read(self, row: int) -> NDArray[np.float32]:
        """One row, float32 [dim]."""
        return np.asarray(self.matrix[row])

    def move(self, source: int, target: int) -> None:
        """Let a row take the place of another; nothing of that one, or at the source, stays."""
        self.matrix[target] = self.matrix[source]
        self.matrix[source] = 0.0

    def search(
        self, probe: NDArray[np.float32], count: int, k: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The ``k`` best of the first ``count`` rows, best first, and their scores."""
        scores = (self.matrix[:count] @ probe).astype(np.float64)
        nearest = np.argpartition(scores, count - k)[count - k :]
        best = nearest[np.argsort(-scores[nearest], kind="stable")]
        return best, scores[best]
