"""The demo's invented members: what a guide would miss on the screen if they were wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from edge.demo.profiles import REGULARS, Regular
from edge.domain import Language, Trend
from edge.rules.card import summarise
from edge.rules.profile import Flaw, tidy

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PEOPLE = pytest.mark.parametrize("regular", REGULARS, ids=lambda r: r.person)


@PEOPLE
def test_each_profile_is_one_the_shop_would_take(regular: Regular) -> None:
    assert not isinstance(tidy(regular.profile), Flaw)
    assert regular.profile.card_number


@PEOPLE
def test_each_card_has_a_living_summary(regular: Regular) -> None:
    purchases = list(regular.purchases("m", NOW))
    visited_at = [visit.opened_at for visit in regular.visits("m", NOW)]
    summary = summarise(purchases, visited_at, NOW, ZoneInfo("UTC"))
    assert summary.spend_trend is not Trend.UNKNOWN
    assert summary.favourite_categories
    assert summary.days_since_visit == min(line.days_ago for line in regular.bought)
    assert summary.spend_last_year.keys() == {"EUR"}


@PEOPLE
def test_past_visits_are_over(regular: Regular) -> None:
    assert all(not visit.open for visit in regular.visits("m", NOW))
    assert all(visit.last_seen_at < NOW for visit in regular.visits("m", NOW))


def test_the_demo_shows_a_do_not_disturb_a_chinese_speaker_and_every_way_the_spend_can_go() -> None:
    profiles = [regular.profile for regular in REGULARS]
    assert any(profile.do_not_disturb for profile in profiles)
    assert any(profile.language is Language.CHINESE for profile in profiles)
    trends = {
        summarise(list(regular.purchases("m", NOW)), [], NOW, ZoneInfo("UTC")).spend_trend
        for regular in REGULARS
    }
    assert {Trend.RISING, Trend.FALLING, Trend.STEADY} <= trends


def test_no_two_regulars_share_a_card_a_phone_or_a_face() -> None:
    for one_of in (
        [regular.profile.card_number for regular in REGULARS],
        [regular.profile.phone for regular in REGULARS],
        [regular.person for regular in REGULARS],
    ):
        assert len(set(one_of)) == len(REGULARS)
