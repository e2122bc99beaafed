"""The derived lines at the top of a member card, from purchases and earlier visits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from edge.domain import CardSummary, Purchase, Trend

YEAR = timedelta(days=365)
QUARTER = timedelta(days=90)
STEADY = Decimal("0.20")
"""A change of spend up to this share of the earlier spend counts as steady."""
FAVOURITES = 3


def summarise(
    purchases: Iterable[Purchase], visited_at: Iterable[datetime], now: datetime, tz: ZoneInfo
) -> CardSummary:
    """Summarise a member's past as of ``now``.

    ``visited_at`` holds the beginnings of earlier visits: neither refused ones nor the stay
    that is going on, or "days since the last visit" would always be 0 at the door. Days are
    calendar days in the shop's time zone ``tz``; what lies after ``now`` is left out. A
    return lowers the spend and is no purchase.
    """
    bought = [purchase for purchase in purchases if purchase.bought_at <= now]
    visits = [moment for moment in visited_at if moment <= now]
    return CardSummary(
        days_since_visit=_days_since(visits, now, tz),
        days_since_purchase=_days_since([p.bought_at for p in bought if p.amount >= 0], now, tz),
        visits_last_year=sum(moment > now - YEAR for moment in visits),
        spend_last_year=_spend([p for p in bought if p.bought_at > now - YEAR]),
        spend_trend=_trend(bought, now),
        favourite_categories=_favourites(bought),
    )


def _days_since(moments: list[datetime], now: datetime, tz: ZoneInfo) -> int | None:
    if not moments:
        return None
    return (_day(now, tz) - _day(max(moments), tz)).days


def _day(moment: datetime, tz: ZoneInfo) -> date:
    return moment.astimezone(tz).date()


def _spend(purchases: list[Purchase]) -> dict[str, Decimal]:
    """Sums by currency, the currencies in alphabetical order."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for purchase in purchases:
        sums[purchase.currency] += purchase.amount
    return dict(sorted(sums.items()))


def _trend(purchases: list[Purchase], now: datetime) -> Trend:
    """The last 90 days against the 90 before, in the currency used most in both.

    Unknown with fewer than two purchases in these 180 days.
    """
    window = [p for p in purchases if p.bought_at > now - 2 * QUARTER]
    if len(window) < 2:
        return Trend.UNKNOWN
    counts = Counter(purchase.currency for purchase in window)
    currency = min(counts, key=lambda code: (-counts[code], code))
    late, early = Decimal(), Decimal()
    for purchase in window:
        if purchase.currency == currency:
            if purchase.bought_at > now - QUARTER:
                late += purchase.amount
            else:
                early += purchase.amount
    if abs(late - early) <= STEADY * abs(early):
        return Trend.STEADY
    return Trend.RISING if late > early else Trend.FALLING


def _favourites(purchases: list[Purchase]) -> tuple[str, ...]:
    """The categories bought from most often, then for most; what was returned is no favourite."""
    counts: Counter[str] = Counter()
    spend: defaultdict[str, Decimal] = defaultdict(Decimal)
    for purchase in purchases:
        if purchase.amount >= 0 and purchase.category:
            counts[purchase.category] += 1
            spend[purchase.category] += purchase.amount
    ranked = sorted(counts, key=lambda name: (-counts[name], -spend[name], name))
    return tuple(ranked[:FAVOURITES])
