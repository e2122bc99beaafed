"""Counts what vision does and how long it takes. Only sums are kept: nothing of any one face."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from edge import usage
from edge.domain import ModelRun, Stage, StageTime, VisionLoad


class Tally:
    """Sums since the start, for the readers and the one thread that looks."""

    def __init__(self) -> None:
        self._adding = threading.Lock()
        self._runs: Counter[Stage] = Counter()
        self._seconds = dict.fromkeys(Stage, 0.0)
        self._looked_at = self._gated = self._faces = self._shots = 0

    @contextmanager
    def timed(self, stage: Stage) -> Iterator[None]:
        """Time one run of a stage, by the clock on the wall."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.ran(stage, time.perf_counter() - began_s)

    def ran(self, stage: Stage, seconds: float, runs: int = 1) -> None:
        """A stage ran so often and took so long in all. Called from any thread."""
        with self._adding:
            self._runs[stage] += runs
            self._seconds[stage] += seconds

    def looked_at(self, *, gated: bool) -> None:
        """A frame was looked at; ``gated`` if the motion gate ended the look."""
        self._looked_at += 1
        self._gated += gated

    def detected(self, faces: int) -> None:
        """So many faces were found in a frame, of whatever size."""
        self._faces += faces

    def embedded(self) -> None:
        """One shot was embedded."""
        self._shots += 1

    def load(
        self, *, frames_waiting: int, requests_waiting: int, models: tuple[ModelRun, ...] = ()
    ) -> VisionLoad:
        """The sums now, with the lengths of the queues and what the process takes."""
        with self._adding:
            stages = {
                stage: StageTime(runs=self._runs[stage], seconds=round(self._seconds[stage], 6))
                for stage in Stage
            }
        return VisionLoad(
            stages=stages,
            frames_looked_at=self._looked_at,
            frames_gated=self._gated,
            faces_detected=self._faces,
            shots_embedded=self._shots,
            frames_waiting=frames_waiting,
            requests_waiting=requests_waiting,
            cpu_s=usage.cpu_s(),
            rss_bytes=usage.rss_bytes(),
            models=models,
        )
