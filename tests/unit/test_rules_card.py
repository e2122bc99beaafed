"""The card's derived lines: a wrong one makes a guide say a wrong thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from edge.domain import Purchase, Trend, new_id
from edge.rules.card import summarise

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def bought(
    days_ago: float, amount: str, category: str = "Shoes", currency: str = "EUR"
) -> Purchase:
    return Purchase(
        id=new_id(),
        member_id="m1",
        item="thing",
        category=category,
        amount=Decimal(amount),
        currency=currency,
        bought_at=NOW - timedelta(days=days_ago),
    )


def trend(*purchases: Purchase) -> Trend:
    return summarise(purchases, [], NOW, SHANGHAI).spend_trend


def test_a_new_member_has_an_empty_past() -> None:
    summary = summarise([], [], NOW, SHANGHAI)
    assert (summary.days_since_visit, summary.days_since_purchase) == (None, None)
    assert (summary.visits_last_year, summary.spend_last_year) == (0, {})
    assert (summary.spend_trend, summary.favourite_categories) == (Trend.UNKNOWN, ())


def test_days_are_counted_on_the_shops_calendar() -> None:
    """23:30 and 00:30 in Shanghai are two days, though the same day in London."""
    late_evening = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    after_midnight = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert summarise([], [late_evening], after_midnight, SHANGHAI).days_since_visit == 1
    assert summarise([], [late_evening], after_midnight, ZoneInfo("UTC")).days_since_visit == 0


def test_only_the_last_year_is_counted() -> None:
    visits = [NOW - timedelta(days=days) for days in (1, 364, 366)]
    summary = summarise([bought(10, "20"), bought(366, "99")], visits, NOW, SHANGHAI)
    assert summary.visits_last_year == 2
    assert summary.spend_last_year == {"EUR": Decimal("20")}


def test_currencies_are_never_added_up() -> None:
    purchases = [bought(3, "10.10"), bought(2, "5"), bought(1, "70", currency="CNY")]
    summary = summarise(purchases, [], NOW, SHANGHAI)
    assert summary.spend_last_year == {"CNY": Decimal("70"), "EUR": Decimal("15.10")}


def test_the_trend_needs_two_purchases_in_half_a_year() -> None:
    assert trend(bought(10, "500")) is Trend.UNKNOWN
    assert trend(bought(10, "500"), bought(200, "10")) is Trend.UNKNOWN


def test_a_fifth_more_or_less_is_steady() -> None:
    assert trend(bought(10, "120"), bought(100, "100")) is Trend.STEADY
    assert trend(bought(10, "80"), bought(100, "100")) is Trend.STEADY
    assert trend(bought(10, "121"), bought(100, "100")) is Trend.RISING
    assert trend(bought(10, "79"), bought(100, "100")) is Trend.FALLING


def test_the_trend_follows_the_currency_used_most() -> None:
    euros = (bought(100, "100"), bought(10, "300"), bought(9, "1"))
    assert trend(*euros, bought(101, "9000", currency="CNY")) is Trend.RISING


def test_favourites_are_ranked_by_count_then_spend_and_returns_do_not_count() -> None:
    purchases = [
        bought(1, "10", "Shirts"),
        bought(2, "10", "Shirts"),
        bought(3, "5", "Socks"),
        bought(4, "90", "Coats"),
        bought(5, "1", "Belts"),
        bought(6, "-90", "Belts"),
    ]
    summary = summarise(purchases, [], NOW, SHANGHAI)
    assert summary.favourite_categories == ("Shirts", "Coats", "Socks")


@given(
    st.lists(
        st.builds(
            bought,
            st.floats(-400, 800),
            st.decimals(-100, 1000, places=2).map(str),
            st.sampled_from(["Shoes", "Shirts", "Coats", "Belts", ""]),
            st.sampled_from(["EUR", "CNY"]),
        ),
        max_size=12,
    ),
    st.randoms(),
)
def test_the_summary_does_not_depend_on_order_and_ignores_the_future(
    purchases: list[Purchase], random: Random
) -> None:
    visits = [purchase.bought_at for purchase in purchases]
    summary = summarise(purchases, visits, NOW, SHANGHAI)
    random.shuffle(purchases)
    past = [purchase for purchase in purchases if purchase.bought_at <= NOW]
    assert summarise(past, visits, NOW, SHANGHAI) == summary
    assert len(summary.favourite_categories) <= 3
    assert summary.days_since_visit is None or summary.days_since_visit >= 0
