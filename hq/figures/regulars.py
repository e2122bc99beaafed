"""Regulars whose rhythm is broken: silent for longer than they ever were between two visits.

A member's rhythm is the waits between the days on which they were seen, by a visit that was not
refused or by a purchase: their last twelve, and at least five. At risk is who has now been away for
longer than the longest of them, and for twice their median or more. Were nothing changed, the
running wait would be one more like the others, and the longest of n + 1 like numbers is the last
with probability 1 / (n + 1): with five waits at most 17 %, with twelve at most 8 %. That bound
needs no model (a distribution-free prediction limit: Hahn and Meeker, Statistical Intervals,
1991, ch. 5); that a hiatus against the own rhythm predicts as well as the models do is shown by
Wübben and von Wangenheim, Journal of Marketing 72(3), 2008, and that regularity carries it by
Platzer and Reutterer, Marketing Science 35(5), 2016. Who was away for a year is gone, and no
longer at risk. Members who asked not to be disturbed are not listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET

from edge.contract import Profile
from hq.schema import Connection

WAITS_MOST, WAITS_LEAST = 12, 5
TIMES_MEDIAN = 2
GONE_AFTER_DAYS = 365
PAGE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """A member at risk. ``seen`` are days ago, ``usual_days`` the median wait in days."""

    member_id: str
    store_id: str
    silent_days: int
    usual_days: float
    longest_days: int
    waits: int
    seen: tuple[int, ...]
    spent: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """Some of the members at risk, by what they spent in a year, and how many there are."""

    regulars: tuple[Regular, ...]
    count: int
    by_store: tuple[tuple[str, int, int], ...]
    """Store, regulars at risk, regulars."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A member's line, shown to somebody who is written down for it."""

    name: str
    phone: str | None
    language: str | None
    do_not_disturb: bool
    joined_at: datetime


async def at_risk(connection: Connection, today: date, store_id: str | None, skip: int) -> AtRisk:
    """Members at risk of one store or of all, ``PAGE`` from ``skip`` on."""
    by_store = await connection.fetch(_BY_STORE, today)
    rows = await connection.fetch(_AT_RISK, today, store_id, PAGE, skip)
    counts = tuple((row["store_id"], row["at_risk"], row["regulars"]) for row in by_store)
    return AtRisk(
        regulars=tuple(_regular(dict(row)) for row in rows),
        count=sum(at_risk for store, at_risk, _ in counts if store_id in (None, store)),
        by_store=counts,
    )


async def regular(connection: Connection, today: date, member_id: str) -> Regular | None:
    """One member's rhythm, at risk or not; None for who has none."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM figures_regulars r WHERE member_id = $2", today, member_id
    )
    return _regular(dict(row)) if row else None


async def line(connection: Connection, member_id: str) -> Line | None:
    """What headquarters holds about a member; None where it holds nothing."""
    row = await connection.fetchrow(
        "SELECT profile, joined_at FROM members WHERE id = $1", member_id
    )
    if row is None:
        return None
    profile = msgspec.json.decode(row["profile"], type=Profile)
    return Line(
        name=profile.name if profile.name is not UNSET else "",
        phone=profile.phone if profile.phone is not UNSET else None,
        language=profile.language if profile.language is not UNSET else None,
        do_not_disturb=profile.do_not_disturb is True,
        joined_at=row["joined_at"],
    )


def _regular(row: dict[str, object]) -> Regular:
    return msgspec.convert(row, Regular)


_COLUMNS = """r.member_id, r.store_id, $1::date - r.last_day AS silent_days, r.usual_days,
    r.longest_days, r.waits, ARRAY(SELECT $1::date - day FROM unnest(r.days) AS day) AS seen,
    r.spent, r.currency"""
_RISKY = f"""($1::date - r.last_day) > r.longest_days
    AND ($1::date - r.last_day) >= {TIMES_MEDIAN} * r.usual_days
    AND ($1::date - r.last_day) <= {GONE_AFTER_DAYS}"""
_TO_LIST = """EXISTS (SELECT FROM members m WHERE m.id = r.member_id
    AND NOT coalesce((m.profile::jsonb->>'do_not_disturb')::boolean, false))"""
_AT_RISK = f"""
SELECT {_COLUMNS} FROM figures_regulars r
WHERE {_RISKY} AND {_TO_LIST} AND ($2::text IS NULL OR r.store_id = $2)
ORDER BY r.spent DESC, r.member_id LIMIT $3 OFFSET $4
"""
_BY_STORE = f"""
SELECT r.store_id, count(*) FILTER (WHERE {_RISKY} AND {_TO_LIST}) AS at_risk,
    count(*) FILTER (WHERE ($1::date - r.last_day) <= {GONE_AFTER_DAYS}) AS regulars
FROM figures_regulars r GROUP BY 1 ORDER BY 1
"""
