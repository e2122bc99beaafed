"""Counting people at the doors: sums by zone, direction and quarter, and nobody's row.

What was counted is in memory until the next flush, a few seconds. A camera that was live in a
quarter has counted in it, be it nobody; one that was not leaves the quarter not measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from edge.config import CameraConfig
from edge.domain import CameraState, CameraStatus
from edge.errors import StoreUnavailable
from edge.rules.footfall.day import quarter_of
from edge.store import Store

FLUSH_EVERY_S = 5.0
"""The most that a loss of power takes from the counts."""


class Counting:
    """Adds up who passes the cameras that count."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], cameras: Sequence[CameraConfig]
    ) -> None:
        self._store = store
        self._clock = clock
        self._lanes = {
            camera.id: (camera.place or camera.id, camera.counts)
            for camera in cameras
            if camera.counts is not None
        }
        self._unsaved: Counter[tuple[str, str, datetime]] = Counter()
        self.people = 0
        """How many passed since the start."""

    def passed(self, camera_id: str) -> None:
        """Somebody went by this camera."""
        self._add(camera_id, 1)

    def live(self, states: Iterable[CameraState]) -> None:
        """These cameras are at work, or not."""
        for state in states:
            if state.status is CameraStatus.LIVE:
                self._add(state.camera_id, 0)

    async def flush(self) -> None:
        """Save what was counted; where that fails it is kept for the next time."""
        people, self._unsaved = self._unsaved, Counter()
        if not people:
            return
        try:
            await self._store.write(lambda tx: tx.footfall.count(people))
        except StoreUnavailable:
            self._unsaved.update(people)
            raise

    def _add(self, camera_id: str, people: int) -> None:
        lane = self._lanes.get(camera_id)
        if lane is not None:
            self._unsaved[(*lane, quarter_of(self._clock()))] += people
            self.people += people
