"""A contestant's own process: where it runs, what it is charged, and how it fails."""

from __future__ import annotations

import os

import pytest
from component import apart_work

from edge.bench.apart import apart
from edge.errors import ConfigError

HERE = sorted(os.sched_getaffinity(0))


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


def test_work_runs_in_another_process_and_on_the_given_cores_only() -> None:
    for cores in (HERE[:1], HERE):
        pid, runs_on = apart(apart_work.where_it_runs, None, cores, quiet)
        assert pid != os.getpid()
        assert runs_on == set(cores)
    assert os.sched_getaffinity(0) == set(HERE)


def test_progress_comes_before_the_result() -> None:
    told: list[tuple[int, int]] = []
    assert (
        apart(
            apart_work.tell_and_answer, "ok", HERE, lambda done, total: told.append((done, total))
        )
        == "OK"
    )
    assert told == [(0, 3), (1, 3), (2, 3)]


def test_every_thread_is_charged_and_nothing_before_the_meter() -> None:
    taken = apart(apart_work.keep_threads_busy, 0.2, HERE, quiet)
    assert 0.4 <= taken.cpu_s < 0.9


def test_what_it_started_is_charged_too() -> None:
    assert apart(apart_work.keep_a_child_busy, 0.3, HERE, quiet).cpu_s >= 0.3


def test_memory_is_read_at_both_ends() -> None:
    taken = apart(apart_work.grow, 50, HERE, quiet)
    assert 45 <= taken.rss_mb_end - taken.rss_mb_start <= 60


def test_trouble_comes_back_as_it_was_raised() -> None:
    with pytest.raises(ConfigError, match="no such faces"):
        apart(apart_work.refuse, "no such faces", HERE, quiet)


def test_a_process_that_dies_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="ended with 7"):
        apart(apart_work.die, 7, HERE, quiet)
