"""The registry: histograms that fill as things happen, and the latest reading beside them.

Scores are kept only of decisions that named a member, in coarse buckets; of everyone else a
decision leaves its outcome in a count (docs/decisions, "Scores of members only").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from statistics import quantiles

from prometheus_client import (
    CollectorRegistry,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client import Counter as Scans
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from edge.domain import Recognised, Recognition, Scan
from edge.metrics.families import families
from edge.metrics.reading import Reading

LATENCY_S = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
STEP = 0.05
SCORE = tuple(round(0.3 + STEP * n, 2) for n in range(14))
RECENT = 1000
"""Latencies kept until the next sample. Overflow policy: *later ones are only counted*."""

# They would double every histogram to say when its process began, which its CPU time says too.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """What is measured as it happens. One for each gateway; there is no global registry."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._latest = _Latest()
        self._registry.register(self._latest)
        self._sightings = Histogram(
            "regulars_sighting_latency_seconds",
            "From the capture of a frame to the decision about the face in it",
            buckets=LATENCY_S,
            registry=self._registry,
        )
        self._alerts = Histogram(
            "regulars_alert_latency_seconds",
            "From the capture of a frame to the arrival that it raised on the phones",
            buckets=LATENCY_S,
            registry=self._registry,
        )
        self._scores = Histogram(
            "regulars_recognised_score",
            "Scores (cosine similarity) of decisions that named a member",
            buckets=SCORE,
            registry=self._registry,
        )
        self._requests = Histogram(
            "regulars_http_request_duration_seconds",
            "HTTP requests by the route's template, never its path",
            ["route", "status"],
            buckets=REQUEST_S,
            registry=self._registry,
        )
        self._scans = Scans(
            "regulars_scans",
            "Codes that scanners gave",
            ["scanner", "symbology"],
            registry=self._registry,
        )
        self._decisions: Counter[str] = Counter()
        self._recent: list[float] = []

    @property
    def decisions(self) -> dict[str, int]:
        """How many sightings were decided how since the start."""
        return dict(self._decisions)

    def decided(self, recognition: Recognition, latency: timedelta) -> None:
        """A sighting was decided on so long after its frame. A clock set back counts as 0."""
        if isinstance(recognition, Recognised):
            self._decisions["recognised"] += 1
            # The middle of its step: the exact value would show in the distribution's sum.
            self._scores.observe((recognition.score // STEP + 0.5) * STEP)
        else:
            self._decisions[recognition] += 1
        latency_s = max(0.0, latency.total_seconds())
        self._sightings.observe(latency_s)
        if len(self._recent) < RECENT:
            self._recent.append(latency_s)

    def alerted(self, latency: timedelta) -> None:
        """The phones were told of an arrival so long after the frame that showed it."""
        self._alerts.observe(max(0.0, latency.total_seconds()))

    def scanned(self, scan: Scan) -> None:
        """A scanner of the configuration gave a code."""
        self._scans.labels(scan.device_id, scan.symbology.value).inc()

    def answered(self, route: str, status: int, seconds: float) -> None:
        """A request was answered; ``route`` is a method and a template."""
        self._requests.labels(route, str(status)).observe(seconds)

    def take_latencies(self) -> tuple[float, float] | None:
        """Median and 95th percentile in seconds since last asked; None if nobody was seen."""
        recent, self._recent = self._recent, []
        if not recent:
            return None
        cuts = quantiles([*recent, recent[-1]], n=20, method="inclusive")
        return cuts[9], cuts[18]

    def observed(self) -> list[Metric]:
        """The registry's metrics as they are, the latest reading among them."""
        return list(self._registry.collect())

    def text(self, reading: Reading) -> bytes:
        """Everything in the Prometheus text format, with this reading."""
        self._latest.reading = reading
        return generate_latest(self._registry)


class _Latest(Collector):
    """Gives the registry what was read last."""

    def __init__(self) -> None:
        self.reading: Reading | None = None

    def collect(self) -> Iterator[Metric]:
        if self.reading is not None:
            yield from families(self.reading)
