"""The templates a probe is compared with: one matrix in memory, changed in place."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge.domain import Candidate, Template


class Gallery:
    """Members by what they look like, for one embedding model."""

    def __init__(self, dim: int, model: str) -> None:
        self.dim = dim
        self.model = model

    def add(self, templates: Iterable[Template]) -> int:
        """Take templates in; returns how many were of another model and left out."""
        raise NotImplementedError

    def remove(self, member_id: str) -> None:
        """Forget a member."""
        raise NotImplementedError

    def search(self, probe: NDArray[np.float32], k: int = 5) -> tuple[Candidate, ...]:
        """The ``k`` members most like a rotated probe, best first."""
        raise NotImplementedError
