"""When members in view were last seen, as far as it is not written yet. Memory only."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from edge.domain import Visit


class LastSeen:
    """The last sign of each open visit that the store has not heard of."""

    def __init__(self) -> None:
        self._unwritten: dict[str, datetime] = {}

    def note(self, visit: Visit) -> None:
        """The member was seen at the visit's ``last_seen_at``, which is not written."""
        self._unwritten[visit.id] = visit.last_seen_at

    def of(self, visit: Visit) -> Visit:
        """The stored visit with the last sign of it."""
        seen_at = self._unwritten.get(visit.id, visit.last_seen_at)
        return replace(visit, last_seen_at=max(visit.last_seen_at, seen_at))

    def forget(self, visit_id: str) -> None:
        """The store has it now."""
        self._unwritten.pop(visit_id, None)

    def keep(self, visit_ids: Collection[str]) -> None:
        """Forget every other visit."""
        self._unwritten = {k: v for k, v in self._unwritten.items() if k in visit_ids}
