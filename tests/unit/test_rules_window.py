"""Daily windows on every kind of night, the two that change the clocks among them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Window
from edge.rules.window import closes_at, opens_at

PARIS = ZoneInfo("Europe/Paris")
ZONES = [PARIS, *map(ZoneInfo, ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"))]
AFTER_TEN = Window(opens=time(22), closes=time(4))

times = st.times().map(lambda t: t.replace(second=0, microsecond=0))
windows = st.builds(Window, opens=times, closes=times)
moments = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001 - the zone comes with the strategy
    datetime(2027, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
anywhere = {"window": windows, "at": moments, "tz": st.sampled_from(ZONES)}


def local(text: str, *, fold: int = 0, tz: ZoneInfo = PARIS) -> datetime:
    """A time on the wall as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=tz, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-06-10 21:59:59", False),
        ("2026-06-10 22:00:00", True),
        ("2026-06-10 23:59:59", True),
        ("2026-06-11 00:00:00", True),
        ("2026-06-11 03:59:59", True),
        ("2026-06-11 04:00:00", False),
    ],
)
def test_after_ten_at_night_goes_on_past_midnight(at: str, is_open: bool) -> None:
    assert (closes_at(AFTER_TEN, local(at), PARIS) is not None) == is_open


def test_a_closed_window_says_when_it_opens() -> None:
    assert opens_at(AFTER_TEN, local("2026-06-10 12:00"), PARIS) == local("2026-06-10 22:00")
    assert opens_at(AFTER_TEN, local("2026-06-10 22:00"), PARIS) == local("2026-06-11 22:00")


def test_the_store_s_clock_counts_and_not_universal_time() -> None:
    ten_in_shanghai = datetime(2026, 6, 10, 14, tzinfo=UTC)
    assert closes_at(AFTER_TEN, ten_in_shanghai, ZoneInfo("Asia/Shanghai"))
    assert not closes_at(AFTER_TEN, ten_in_shanghai, PARIS)


def test_the_night_that_is_an_hour_shorter() -> None:
    """29 March 2026: 02:00 becomes 03:00."""
    began, ended = local("2026-03-28 22:00"), local("2026-03-29 04:00")
    assert closes_at(AFTER_TEN, began, PARIS) == ended
    assert ended - began == timedelta(hours=5)


def test_the_night_that_is_an_hour_longer() -> None:
    """25 October 2026: 03:00 becomes 02:00."""
    began, ended = local("2026-10-24 22:00"), local("2026-10-25 04:00")
    assert closes_at(AFTER_TEN, began, PARIS) == ended
    assert ended - began == timedelta(hours=7)


def test_an_hour_that_comes_twice_closes_once_at_its_last_coming() -> None:
    until_half_past_two = Window(opens=time(22), closes=time(2, 30))
    last = local("2026-10-25 02:30", fold=1)
    for at in ("02:15", "02:45"):
        assert closes_at(until_half_past_two, local(f"2026-10-25 {at}"), PARIS) == last
    assert closes_at(until_half_past_two, local("2026-10-25 02:15", fold=1), PARIS) == last
    assert closes_at(until_half_past_two, local("2026-10-25 02:30", fold=1), PARIS) is None


def test_an_hour_that_never_comes_opens_and_closes_as_if_the_clocks_had_stayed() -> None:
    missing = Window(opens=time(2, 15), closes=time(2, 45))
    assert opens_at(missing, local("2026-03-29 01:00"), PARIS) == local("2026-03-29 03:15")
    assert closes_at(missing, local("2026-03-29 03:20"), PARIS) == local("2026-03-29 03:45")


@given(**anywhere)
def test_a_window_is_open_from_when_it_said_it_opens(
    window: Window, at: datetime, tz: ZoneInfo
) -> None:
    opening = opens_at(window, at, tz)
    closing = closes_at(window, opening, tz)
    assert opening > at
    assert closing is not None
    assert closing > opening


@given(**anywhere)
def test_a_closed_window_stays_closed_until_it_opens(
    window: Window, at: datetime, tz: ZoneInfo
) -> None:
    if closes_at(window, at, tz) is None:
        halfway = at + (opens_at(window, at, tz) - at) / 2
        assert closes_at(window, halfway, tz) is None


@given(**anywhere)
def test_an_open_window_stays_open_until_it_closes(
    window: Window, at: datetime, tz: ZoneInfo
) -> None:
    closing = closes_at(window, at, tz)
    if closing is not None:
        assert closes_at(window, closing - timedelta(microseconds=1), tz) is not None


@given(opens=times, at=moments, tz=st.sampled_from(ZONES))
def test_a_window_that_closes_when_it_opens_is_always_open(
    opens: time, at: datetime, tz: ZoneInfo
) -> None:
    assert closes_at(Window(opens=opens, closes=opens), at, tz) is not None


@given(at=moments, tz=st.sampled_from(ZONES), window=windows)
def test_far_from_a_change_the_wall_clock_says_it_all(
    at: datetime, tz: ZoneInfo, window: Window
) -> None:
    around = [at + timedelta(days=days) for days in (-2, -1, 0, 1, 2)]
    if len({moment.astimezone(tz).utcoffset() for moment in around}) > 1:
        return
    wall = at.astimezone(tz).time()
    if window.opens < window.closes:
        expected = window.opens <= wall < window.closes
    else:
        expected = wall >= window.opens or wall < window.closes
    assert (closes_at(window, at, tz) is not None) == expected
