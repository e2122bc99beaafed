"""When a clock must be wrong: too strict and a shop stands still, too lax and it is 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.rules.clock import MADE_AT, TOLERANCE, passed, wrong

moments = st.integers(0, 2**32).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(moments, moments)
def test_what_has_passed_never_runs_back(earlier: datetime, later: datetime) -> None:
    earlier, later = sorted((earlier, later))
    assert passed(None) <= passed(earlier) <= passed(later)
    assert passed(later) >= later


@given(moments, st.timedeltas(timedelta(0), timedelta(days=9000)))
def test_a_clock_is_wrong_behind_what_has_passed_and_nowhere_else(
    noted: datetime, away: timedelta
) -> None:
    passed_at = passed(noted)
    assert not wrong(passed_at + away, passed_at)
    assert wrong(passed_at - away, passed_at) == (away > TOLERANCE)


def test_a_new_shop_without_a_line_goes_on_and_an_empty_battery_is_seen() -> None:
    assert not wrong(datetime.now(UTC), passed(None))
    assert wrong(datetime(1970, 1, 2, tzinfo=UTC), passed(None))
    assert wrong(MADE_AT - timedelta(days=1), passed(None))
