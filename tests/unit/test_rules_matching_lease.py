"""The lease of face matching: 24 hours, and in doubt it has ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Hearing
from edge.rules.matching_lease import CLOCK_TOLERANCE, LEASE, ends_in, rests

HEARD = datetime(2026, 3, 1, 14, 5, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(), timedelta(days=40))


def test_it_lasts_a_day_from_the_last_hearing() -> None:
    hearing = Hearing(heard_at=HEARD)
    assert timedelta(hours=24) == LEASE
    assert not rests(hearing, HEARD + LEASE - timedelta(seconds=1))
    assert rests(hearing, HEARD + LEASE)


def test_a_store_that_never_heard_who_withdrew_matches_nobody() -> None:
    assert rests(None, HEARD)


@given(spent=SPANS, passed=SPANS)
def test_the_longer_of_the_clock_and_the_time_that_ran_counts(
    spent: timedelta, passed: timedelta
) -> None:
    left = ends_in(Hearing(heard_at=HEARD, spent=spent), HEARD + passed)
    assert left == max(timedelta(), LEASE - max(spent, passed))


@given(spent=SPANS, back=SPANS)
def test_a_clock_set_back_never_makes_the_lease_longer(spent: timedelta, back: timedelta) -> None:
    hearing = Hearing(heard_at=HEARD, spent=spent)
    assert ends_in(hearing, HEARD - back) <= ends_in(hearing, HEARD)


def test_a_clock_far_behind_the_last_hearing_says_nothing_so_faces_rest() -> None:
    hearing = Hearing(heard_at=HEARD)
    assert not rests(hearing, HEARD - CLOCK_TOLERANCE)
    assert rests(hearing, HEARD - CLOCK_TOLERANCE - timedelta(seconds=1))
