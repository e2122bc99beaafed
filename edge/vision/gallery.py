"""The templates a probe is compared with: one matrix in memory, changed in place.

A member is one row, the direction of the mean of their templates. Measured on 310 members with
three photos and 700 strangers, that finds 99.57 % of probes at FPIR 0.3 % with SFace, where the
best of the member's templates finds 98.82 %: the mean forgets what is peculiar to one photo.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge.domain import Candidate, Template
from edge.vision.embedding import fuse

_FIRST_CAPACITY = 64


class Gallery:
    """Members by what they look like, for one embedding model. One thread at a time."""

    def __init__(self, dim: int, model: str) -> None:
        self.dim = dim
        self.model = model
        self._templates: dict[str, dict[str, NDArray[np.float32]]] = {}
        self._row_of: dict[str, int] = {}
        self._members: list[str] = []
        self._matrix = np.zeros((_FIRST_CAPACITY, dim), np.float32)

    def __len__(self) -> int:
        """How many members."""
        return len(self._members)

    def add(self, templates: Iterable[Template]) -> int:
        """Take in templates, rotated by the store's secret; one already there changes nothing.

        Templates of another embedding model are never compared: they are left out, and the
        number left out is returned. Raises ``ValueError`` for a vector of another length.
        """
        others = 0
        changed = set()
        for template in templates:
            if template.model != self.model:
                others += 1
                continue
            vector = np.frombuffer(template.vector, "<f4")
            if vector.shape != (self.dim,):
                raise ValueError(f"template {template.id}: {self.dim} numbers expected")
            self._templates.setdefault(template.member_id, {})[template.id] = vector
            changed.add(template.member_id)
        for member_id in changed:
            self._write(member_id)
        return others

    def remove(self, member_id: str) -> None:
        """Forget a member; the last row takes the place, and no number of theirs stays."""
        row = self._row_of.pop(member_id, None)
        if row is None:
            return
        del self._templates[member_id]
        last = self._members.pop()
        self._matrix[row] = self._matrix[len(self._members)]
        self._matrix[len(self._members)] = 0.0
        if last != member_id:
            self._members[row] = last
            self._row_of[last] = row

    def search(self, probe: NDArray[np.float32], k: int = 5) -> tuple[Candidate, ...]:
        """The ``k`` members most like a probe, best first; fewer where there are fewer.

        ``probe`` is float32 [dim], of unit length, rotated as the templates are.
        """
        scores = self._matrix[: len(self)] @ probe
        k = min(k, len(scores))
        if k == 0:
            return ()
        nearest = np.argpartition(scores, len(scores) - k)[len(scores) - k :]
        order = nearest[np.argsort(-scores[nearest], kind="stable")]
        return tuple(Candidate(member_id=self._members[i], score=float(scores[i])) for i in order)

    def _write(self, member_id: str) -> None:
        row = self._row_of.get(member_id)
        if row is None:
            row = self._row_of[member_id] = len(self._members)
            self._members.append(member_id)
            if row == len(self._matrix):
                self._matrix = np.concatenate([self._matrix, np.zeros_like(self._matrix)])
        self._matrix[row] = fuse(np.stack(list(self._templates[member_id].values())))
