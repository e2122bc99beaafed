"""Exhaustive search of a large gallery in eight bits a component, re-ranked exactly.

Each row x is kept as integer codes c and a scale s, x̂ = s·c, and so is the probe, q̂. By Cauchy
and Schwarz the score estimated from the codes is wrong by at most

    |x·q − x̂·q̂| = |(x − x̂)·q + x̂·(q − q̂)| ≤ |x − x̂|·|q| + |x̂|·|q − q̂| = ε,

from residuals that are measured, not assumed. The k-th best estimate, less ε, is reached by k
rows, so a row among the k best has an estimate no lower than that by more than 2ε. All such
rows, a few dozen in a million, are read in full precision: the answer is that of a plain search.
"""

from __future__ import annotations

import numpy as np
import simsimd
from numpy.typing import NDArray

from edge.vision.sealed import SealedRows

BLOCK = 65_536
"""Rows allocated at once: growing copies nothing, so nobody waits for it."""
_LEVELS = 127
_STRETCH = 256
_ROUNDING = 1e-5
"""Far above what float32 loses in scales and products, far below any residual."""


class CompressedRows:
    """Rows of unit length: codes in memory, full precision sealed on disk."""

    def __init__(self, dim: int) -> None:
        self._dim = dim
        self._codes: list[NDArray[np.int8]] = []
        self._scales = np.zeros(0, np.float32)
        self._estimates = np.zeros(0, np.float32)
        self._worst_residual = 0.0
        self._originals = SealedRows(dim)

    def write(self, row: int, vectors: NDArray[np.float32]) -> None:
        """Put unit vectors, float32 [n, dim], into the rows from ``row`` on."""
        codes, scales, residuals = quantise(vectors)
        self._worst_residual = max(self._worst_residual, float(residuals.max()))
        self._make_room(row + len(vectors))
        self._scales[row : row + len(vectors)] = scales
        for offset in range(-(row % BLOCK), len(vectors), BLOCK):
            part = slice(max(offset, 0), offset + BLOCK)
            first = (row + part.start) % BLOCK
            block = self._codes[(row + part.start) // BLOCK]
            block[first : first + len(codes[part])] = codes[part]
        self._originals.write(row, vectors)

    def read(self, row: int) -> NDArray[np.float32]:
        """One row in full precision, float32 [dim]."""
        return np.asarray(self._originals.read(np.array([row]))[0])

    def move(self, source: int, target: int) -> None:
        """Let a row take the place of another; nothing of that one, or at the source, stays."""
        leaving = self._codes[source // BLOCK][source % BLOCK]
        self._codes[target // BLOCK][target % BLOCK] = leaving
        self._scales[target] = self._scales[source]
        leaving[:] = 0
        self._scales[source] = 0.0
        self._originals.move(source, target)

    def search(
        self, probe: NDArray[np.float32], count: int, k: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The ``k`` best of the first ``count`` rows, best first, and their exact scores."""
        estimates, bound = self.estimate(probe, count)
        near = np.flatnonzero(estimates >= _reached_by(estimates, k) - 2 * bound)
        scores = self._originals.read(near).astype(np.float64) @ probe
        best = np.argsort(-scores, kind="stable")[:k]
        return near[best], scores[best]

    def estimate(self, probe: NDArray[np.float32], count: int) -> tuple[NDArray[np.float32], float]:
        """Scores of the first ``count`` rows from their codes, float32 [count], and ε.

        The array is overwritten by the next search.
        """
        codes, scale, residual = quantise(probe[None])
        estimates = self._estimates[:count]
        for number, first in enumerate(range(0, count, BLOCK)):
            part = slice(first, min(first + BLOCK, count))
            rows = self._codes[number][: part.stop - first]
            # Not with its ``out=``: simsimd 6.5 then returns None without a reference to it.
            products = np.asarray(simsimd.cdist(codes, rows, "dot", threads=1))[0]
            np.multiply(products, self._scales[part] * scale[0], out=estimates[part])
        length = float(np.linalg.norm(probe))
        worst = self._worst_residual
        bound = worst * length + (1.0 + worst) * float(residual[0]) + _ROUNDING
        return estimates, bound

    def _make_room(self, rows: int) -> None:
        while len(self._codes) * BLOCK < rows:
            self._codes.append(np.zeros((BLOCK, self._dim), np.int8))
            more = np.zeros(BLOCK, np.float32)
            self._scales = np.concatenate([self._scales, more])
            self._estimates = np.concatenate([self._estimates, more])


def quantise(
    vectors: NDArray[np.float32],
) -> tuple[NDArray[np.int8], NDArray[np.float32], NDArray[np.float32]]:
    """Codes int8 [n, dim], scales float32 [n] and the lengths of the residuals float32 [n]."""
    scales = np.maximum(np.abs(vectors).max(axis=1) / _LEVELS, np.finfo(np.float32).tiny)
    levels = vectors / scales[:, None]
    codes = np.rint(levels)
    residuals = np.linalg.norm(levels - codes, axis=1) * scales
    return codes.astype(np.int8), scales, residuals


def _reached_by(estimates: NDArray[np.float32], k: int) -> float:
    """A score that at least ``k`` estimates reach, and few more.

    The k-th of the maxima of short stretches is one, found in a tenth of the time that the
    k-th of all takes; with fewer stretches than that, the k-th of all.
    """
    if len(estimates) >= k * _STRETCH:
        estimates = np.maximum.reduceat(estimates, np.arange(0, len(estimates), _STRETCH))
    return float(np.partition(estimates, len(estimates) - k)[len(estimates) - k])
