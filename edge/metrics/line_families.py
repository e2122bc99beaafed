"""The line to headquarters as Prometheus metrics. A value that is not known has no sample."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from edge.domain import LineStatus
from edge.metrics.reading import Reading


def line_families(reading: Reading) -> Iterator[Metric]:
    """What waits, whether the line holds, and what went over it since the start."""
    yield from _backlog(reading)
    line, counts = reading.line, reading.line_counts
    in_line = None if line is None else float(line.status is LineStatus.IN_LINE)
    yield _gauge("headquarters_in_line", "1 while headquarters and the store are in line", in_line)
    heard_s = line.heard_at.timestamp() if line and line.heard_at else None
    yield _gauge("headquarters_heard_timestamp_seconds", "Last answer of headquarters", heard_s)
    remaining = line.remaining if line else None
    yield _gauge("headquarters_remaining_changes", "Changes that are still to come", remaining)
    rounds = CounterMetricFamily(
        "regulars_headquarters_rounds_total", "Rounds of the exchange", labels=["outcome"]
    )
    for outcome, count in counts.rounds.items():
        rounds.add_metric([outcome], count)
    yield rounds
    yield CounterMetricFamily(
        "regulars_headquarters_messages_sent_total",
        "Messages that headquarters holds durably",
        counts.messages_sent,
    )
    yield CounterMetricFamily(
        "regulars_headquarters_bytes_sent_total",
        "Bytes of these messages before they were packed",
        counts.bytes_sent,
    )
    left_s = _since(reading.at, reading.matching_ends_at) if line else None
    yield _gauge("matching_lease_seconds", "Until face matching rests", left_s)


def _backlog(reading: Reading) -> Iterator[Metric]:
    backlog = reading.backlog
    waiting = backlog.waiting if backlog else None
    yield _gauge("outbox_messages", "Messages that wait for headquarters", waiting)
    age_s = _since(backlog.oldest_at, reading.at) if backlog else None
    yield _gauge("outbox_oldest_seconds", "Age of the oldest of them; 0 where none waits", age_s)
    ends_at = backlog.lease_ends_at if backlog else None
    left_s = _since(reading.at, ends_at) if ends_at else None
    yield _gauge("voucher_lease_seconds", "Until the first lease of vouchers ends", left_s)
    held = GaugeMetricFamily(
        "regulars_quarantine", "What a side could not take from the other", labels=["what"]
    )
    if backlog is not None:
        held.add_metric(["messages"], backlog.messages_held)
        held.add_metric(["changes"], backlog.changes_held)
    yield held


def _since(then: datetime | None, now: datetime | None) -> float:
    """Seconds from one to the other; 0 where either is not there, or a clock was set back."""
    return 0.0 if then is None or now is None else max(0.0, (now - then).total_seconds())


def _gauge(name: str, said: str, value: float | None) -> Metric:
    return GaugeMetricFamily(f"regulars_{name}", said, value)
