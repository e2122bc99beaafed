"""How times sort, how names and phone numbers are compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.store.members import fold, phone_digits
from edge.store.rows import moment

zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
years = {"min_value": datetime(2, 1, 1), "max_value": datetime(9998, 12, 31)}  # noqa: DTZ001
times = st.datetimes(**years, timezones=zones)


@given(first=times, second=times)
def test_the_text_of_times_sorts_as_the_times_do(first: datetime, second: datetime) -> None:
    assert (moment(first) < moment(second)) == (first < second)


@given(at=times)
def test_the_text_of_a_time_is_of_fixed_width_in_utc(at: datetime) -> None:
    text = moment(at)
    assert len(text) == 27
    assert datetime.fromisoformat(text) == at
    assert datetime.fromisoformat(text).tzinfo == UTC


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Émile Zola", "emile"),
        ("Łukasz", "lukasz"),
        ("STRASSE", "straße"),
        ("İpek Işık", "ipek isik"),
        ("ｗｉｄｅ", "wide"),
        ("王小明", "小明"),
        ("가영", "가영"),
        ("Søren", "SOREN"),
    ],
)
def test_a_name_is_found_as_people_type_it(name: str, typed: str) -> None:
    assert fold(typed) in fold(name)


@given(text=st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("phone", "digits"),
    [
        ("+86 138-0000 1234", "+8613800001234"),
        ("(0)30 / 12 34", "0301234"),
        ("１３８００００", "1380000"),
        ("＋49 30", "+4930"),
        ("no number", None),
        ("", None),
    ],
)
def test_a_phone_number_is_its_digits_and_plus(phone: str, digits: str | None) -> None:
    assert phone_digits(phone) == digits
