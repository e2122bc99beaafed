"""What the benchmark of the line says of waits, and the days that it puts in."""

from __future__ import annotations

from collections import defaultdict

from edge import contract
from edge.bench.sync.day import Day
from edge.bench.waits import quantiles


def test_quantiles_are_values_that_were_measured() -> None:
    assert quantiles([3.0, 1.0]) == {"ms_p50": 2.0, "ms_p95": 3.0, "ms_max": 3.0}
    assert quantiles([float(n) for n in range(1, 101)])["ms_p95"] == 95.0


def test_a_day_is_the_same_every_time_and_numbers_its_messages_in_order() -> None:
    told = list(Day("lyon-1", 500).told())
    assert told == list(Day("lyon-1", 500).told())
    assert [m.message_id for m in told] == [f"lyon-1-{n:08d}" for n in range(1, 501)]
    assert [m.at for m in told] == sorted(m.at for m in told)


def test_a_visit_opens_first_and_closes_last() -> None:
    of_visit: defaultdict[str, list[contract.Message]] = defaultdict(list)
    for message in Day("lyon-1", 500).told():
        if isinstance(
            message, contract.VisitOpened | contract.VisitAnswered | contract.VisitClosed
        ):
            of_visit[message.visit_id].append(message)
    whole = list(of_visit.values())[:-1]  # the last one may be cut short
    assert all(isinstance(visit[0], contract.VisitOpened) for visit in whole)
    assert all(isinstance(visit[-1], contract.VisitClosed) for visit in whole)
