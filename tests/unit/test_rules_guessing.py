"""Guessing: ten wrong codes close the door, and time alone opens it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.rules.guessing import WRONG_TRIES, WRONG_WINDOW, barred_until

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
tries = st.lists(st.integers(0, 1200).map(lambda s: NOON + timedelta(seconds=s)), max_size=40)


def test_ten_wrong_codes_close_the_door_until_the_window_has_passed() -> None:
    wrong_at = [NOON] * WRONG_TRIES
    assert barred_until(wrong_at[1:], NOON) is None
    assert barred_until(wrong_at, NOON) == NOON + WRONG_WINDOW
    assert barred_until(wrong_at, NOON + WRONG_WINDOW) is None


@given(wrong_at=tries)
def test_the_door_is_open_again_at_the_time_that_was_said(wrong_at: list[datetime]) -> None:
    now = max(wrong_at, default=NOON)
    until = barred_until(wrong_at, now)
    assert until is None or barred_until(wrong_at, until) is None


@given(wrong_at=tries)
def test_the_door_is_closed_until_then(wrong_at: list[datetime]) -> None:
    now = max(wrong_at, default=NOON)
    until = barred_until(wrong_at, now)
    just_before = until - timedelta(microseconds=1) if until else now
    assert until is None or barred_until(wrong_at, just_before) == until
