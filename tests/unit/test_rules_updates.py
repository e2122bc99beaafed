"""Which release is taken, when, and what counts as healthy."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import VisionState, Window
from edge.domain.updates import Attempt, Outcome, Phase, Progress
from edge.rules.updates import (
    Health,
    Recovery,
    ailment,
    counted,
    is_due,
    is_newer,
    recovery,
    why_not,
)
from edge.rules.window import open_around

PARIS = ZoneInfo("Europe/Paris")
NIGHT = Window(opens=time(2), closes=time(5))
WELL = Health(version="2.0", database="ok", vision=VisionState.READY, face_matching=True)


def test_only_a_release_that_was_found_healthy_is_gone_on_with() -> None:
    assert {phase for phase in Phase if recovery(phase) is Recovery.GO_ON} == {Phase.COMMITTING}
    assert recovery(Phase.SWITCHING) is recovery(Phase.ROLLING_BACK) is Recovery.GO_BACK


@given(
    st.lists(st.integers(0, 99), min_size=2, max_size=4),
    st.lists(st.integers(0, 99), min_size=2, max_size=4),
)
def test_a_version_is_newer_by_its_numbers_and_never_both_ways(
    one: list[int], other: list[int]
) -> None:
    a, b = (".".join(map(str, parts)) for parts in (one, other))
    assert not (is_newer(a, b) and is_newer(b, a))
    while one and one[-1] == 0:
        one.pop()
    while other and other[-1] == 0:
        other.pop()
    assert is_newer(a, b) == (one > other)


@pytest.mark.parametrize("offered", ["1.0.0", "0.9", "", "latest", "1.0.0-2e38e77b"])
def test_what_is_not_newer_is_never_taken(offered: str) -> None:
    assert why_not(offered, "1.0.0", Progress()) is not None


def test_a_version_that_failed_twice_is_left_alone_until_the_next() -> None:
    failures: dict[str, int] = {}
    for _ in range(2):
        assert why_not("1.1.0", "1.0.0", Progress(failures=failures)) is None
        failures = counted(failures, ended(Outcome.ROLLED_BACK))
    assert why_not("1.1.0", "1.0.0", Progress(failures=failures)) is not None
    assert why_not("1.1.1", "1.0.0", Progress(failures=failures)) is None
    assert counted(failures, ended(Outcome.UPDATED)) == {}


def test_what_a_technician_took_back_is_not_taken_again_by_itself() -> None:
    failures = counted({}, ended(Outcome.WITHDRAWN))
    assert why_not("1.1.0", "1.0.0", Progress(failures=failures)) is not None


def ended(outcome: Outcome) -> Attempt:
    return Attempt(version="1.1.0", outcome=outcome, ended_at=datetime(2026, 1, 1, tzinfo=UTC))


@given(st.text(max_size=20), st.integers(0, 2 * 366 * 24 * 60))
def test_each_store_has_its_moment_in_each_window(store: str, minute: int) -> None:
    """In summer and winter, and in the nights between them: never outside, always once inside."""
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    opened = open_around(NIGHT, at, PARIS)
    if opened is None:
        assert not is_due(NIGHT, store, at, PARIS)
        return
    start, end = opened
    assert is_due(NIGHT, store, end - timedelta(seconds=1), PARIS)
    moments = [start + (end - start) * part / 8 for part in range(8)]
    due = [is_due(NIGHT, store, moment, PARIS) for moment in moments]
    assert due == sorted(due)


def test_stores_are_spread_over_the_window() -> None:
    middle = datetime(2026, 1, 15, 2, 7, 30, tzinfo=UTC)  # 03:07:30 in Paris, half of the spread
    due = sum(is_due(NIGHT, f"store-{n}", middle, PARIS) for n in range(1000))
    assert 440 < due < 560


@pytest.mark.parametrize(
    ("health", "before", "says"),
    [
        (WELL, WELL, None),
        (None, WELL, "does not answer"),
        (
            Health(version="1.0", database="ok", vision=VisionState.READY, face_matching=True),
            WELL,
            "1.0 answers",
        ),
        (
            Health(
                version="2.0", database="unavailable", vision=VisionState.READY, face_matching=True
            ),
            WELL,
            "database",
        ),
        (
            Health(version="2.0", database="ok", vision=VisionState.OFF, face_matching=False),
            WELL,
            "face matching",
        ),
        (
            Health(version="2.0", database="ok", vision=VisionState.STARTING, face_matching=True),
            WELL,
            "vision",
        ),
        (
            Health(version="2.0", database="ok", vision=VisionState.OFF, face_matching=False),
            None,
            None,
        ),
    ],
)
def test_only_what_was_well_before_has_to_be_well_after(
    health: Health | None, before: Health | None, says: str | None
) -> None:
    trouble = ailment(health, "2.0", before)
    assert (trouble is None) if says is None else (trouble is not None and says in trouble)


def test_trouble_from_before_is_no_reason_to_go_back() -> None:
    before = Health(version="1.0", database="ok", vision=VisionState.STARTING, face_matching=True)
    after = Health(version="2.0", database="ok", vision=VisionState.STARTING, face_matching=True)
    assert ailment(after, "2.0", before) is None
