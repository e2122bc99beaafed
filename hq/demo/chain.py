"""What happened in an invented chain, as rows. The same seed gives the same chain.

Nobody in it exists. It has seasons, weekdays, opening hours, regulars with a rhythm and people
who came once, so that a page made of it looks as a real one would.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from edge.contract.footfall import FootfallRow
from hq.demo.doors import door_rows
from hq.demo.shops import SHOPS, Shop

YEAR = 400
RETURNS_ONCE, RETURNS_REGULAR = 0.42, 0.972
REGULARS = 0.38
PRICES = (89, 95, 120, 165, 189, 345)
_FIRST = ("Anna", "Louis", "Chloé", "Hugo", "Inès", "Jules", "Léa", "Marc", "Nora", "Lin", "Mei")
_LAST = ("Arnaud", "Bernard", "Caron", "Dubois", "Fabre", "Girard", "Henry", "Lambert", "Roy")


@dataclass(slots=True)
class Invented:
    """Rows for the tables of headquarters, in the order of their columns in ``filling``."""

    shops: tuple[Shop, ...]
    members: list[tuple[object, ...]] = field(default_factory=list)
    visits: list[tuple[object, ...]] = field(default_factory=list)
    sales: list[tuple[object, ...]] = field(default_factory=list)
    consents: list[tuple[object, ...]] = field(default_factory=list)
    proofs: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    footfall: list[FootfallRow] = field(default_factory=list)


def invent(
    now: datetime, shops: tuple[Shop, ...] = SHOPS, *, seed: int = 7, door_days: int = 57
) -> Invented:
    """The chain as of ``now``: ``YEAR`` days of members, ``door_days`` of its doors."""
    told = Invented(shops=shops)
    for place, shop in enumerate(shops):
        chance = Random(f"{seed}/{shop.id}")
        members_by_day: dict[date, int] = {}
        for number in range(shop.members):
            _live(chance, told, shop, f"m-{place:04}-{number:05}", now, members_by_day)
        till = door_rows(chance, shop, now, door_days, members_by_day)
        told.footfall += till.rows
        for day, count in till.sales.items():
            for _ in range(count):
                _sell(chance, told, shop, None, _opening(chance, shop, day, now))
    return told


def _live(
    chance: Random,
    told: Invented,
    shop: Shop,
    member_id: str,
    now: datetime,
    by_day: dict[date, int],
) -> None:
    """One member: joined one day, comes in a rhythm or once in a while, stays away one day."""
    day = now.date() - timedelta(days=int(YEAR * chance.random() ** 0.8))
    regular = chance.random() < REGULARS
    wait = chance.uniform(9, 34) if regular else chance.uniform(25, 110)
    returns = RETURNS_REGULAR if regular else RETURNS_ONCE
    returns -= (1 - shop.loyal) * 0.1
    face = chance.random() < 0.56
    joined_at = _opening(chance, shop, day, now)
    profile = _profile(chance, number=len(told.members))
    told.members.append((member_id, joined_at, profile, "[]"))
    while day <= now.date():
        at = _opening(chance, shop, day, now)
        _visit(chance, told, shop, member_id, at, face=face)
        by_day[day] = by_day.get(day, 0) + 1
        if chance.random() < 0.62:
            _sell(chance, told, shop, member_id, at + timedelta(minutes=chance.randrange(5, 40)))
        if chance.random() > returns:
            break
        day += timedelta(
            days=max(1, round(chance.gammavariate(4 if regular else 1.4, 1) * wait / 4))
        )
    if face:
        _consent(chance, told, shop, member_id, joined_at, now)


def _visit(
    chance: Random, told: Invented, shop: Shop, member_id: str, at: datetime, *, face: bool
) -> None:
    seen = face and chance.random() < 0.93
    arrived_by = "face" if seen else chance.choice(("code", "code", "phone", "guide"))
    claim = "certain" if not seen else "confirmed" if chance.random() < 0.95 else "refused"
    answered_at = at + timedelta(seconds=chance.gammavariate(3, 12)) if seen else None
    closed_at = at + timedelta(minutes=chance.gammavariate(2.2, 9))
    told.visits.append(
        (f"v-{len(told.visits)}", shop.id, member_id, arrived_by, claim, at, answered_at, closed_at)
    )


def _sell(chance: Random, told: Invented, shop: Shop, member_id: str | None, at: datetime) -> None:
    amount = round(
        chance.choice(PRICES) * shop.basket * chance.choice((1, 1, 1, 2)) * chance.uniform(0.7, 1),
        2,
    )
    told.sales.append((f"s-{len(told.sales)}", shop.id, member_id, amount, shop.currency, at))


def _consent(
    chance: Random, told: Invented, shop: Shop, member_id: str, at: datetime, now: datetime
) -> None:
    consent_id = f"c-{member_id}"
    ended_at, ended_by = None, None
    if chance.random() < 0.13:
        ended_at = at + timedelta(days=chance.uniform(1, 330))
        ended_by = "member" if chance.random() < 0.8 else "retention"
    if ended_at is None or ended_at > now:
        ended_at = ended_by = None
    told.consents.append((consent_id, shop.id, member_id, at, ended_at, ended_by))
    if ended_at is not None and chance.random() < 0.998:
        told.proofs.append((shop.id, consent_id, member_id, ended_at + timedelta(seconds=2)))


def _opening(chance: Random, shop: Shop, day: date, now: datetime) -> datetime:
    """A moment at which the shop was open on a day, and not in the future."""
    hour = chance.triangular(
        shop.opens, shop.closes, shop.opens + 0.68 * (shop.closes - shop.opens)
    )
    start = datetime.combine(day, time(), ZoneInfo(shop.time_zone)).astimezone(UTC)
    return min(start + timedelta(hours=hour), now)


def _profile(chance: Random, number: int) -> str:
    name = f"{_FIRST[number % len(_FIRST)]} {chance.choice(_LAST)}"
    quiet = ', "do_not_disturb": true' if chance.random() < 0.04 else ""
    phone = f"+33 6 {chance.randrange(10, 99)} {chance.randrange(10, 99)} 00 {number % 90 + 10}"
    return f'{{"name": "{name}", "phone": "{phone}", "language": "en"{quiet}}}'
