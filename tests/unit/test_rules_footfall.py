"""Days, sums and rows: what headquarters reads is what happened, as far as it is told."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contract import WHOLE_STORE, FootfallRow, Measure, Period
from edge.domain import ArrivedBy, Claim, Visit, new_id
from edge.rules.footfall.day import business_day, date_of
from edge.rules.footfall.pattern import pattern_of
from edge.rules.footfall.rows import rows
from edge.rules.footfall.tally import Tally, tally

BERLIN = ZoneInfo("Europe/Berlin")
DAY = business_day(date(2026, 3, 3), BERLIN)
NINE = DAY.starts_at + timedelta(hours=9)
ZONES = [
    *("UTC", "Europe/Berlin", "Asia/Shanghai", "Asia/Kathmandu", "America/St_Johns"),
    *("Australia/Lord_Howe", "Asia/Beirut", "America/Havana", "Pacific/Apia"),
]


def a_visit(
    minutes: float = 0,
    arrived_by: ArrivedBy = ArrivedBy.FACE,
    claim: Claim = Claim.CONFIRMED,
    *,
    stayed_min: float | None = 10,
    answered_s: float | None = 30,
    place: str = "Front door",
) -> Visit:
    opened_at = NINE + timedelta(minutes=minutes)
    answered_at = None if answered_s is None else opened_at + timedelta(seconds=answered_s)
    last_seen_at = opened_at + timedelta(minutes=stayed_min or 0)
    closed_at = None if stayed_min is None else last_seen_at + timedelta(seconds=2700)
    return Visit(
        id=new_id(),
        member_id=new_id(),
        arrived_by=arrived_by,
        claim=claim,
        place=place,
        opened_at=opened_at,
        last_seen_at=last_seen_at,
        closed_at=answered_at if claim is Claim.REFUSED else closed_at,
        answered_at=answered_at,
    )


def told(counted: Tally, least: int = 3) -> dict[tuple[str, Period, datetime], FootfallRow]:
    found = rows(DAY, counted, pattern_of(DAY, counted, least), "lyon-1")
    return {(row.zone, row.period, row.starts_at): row for row in found}


def the_day(counted: Tally, least: int = 3) -> FootfallRow:
    return told(counted, least)[WHOLE_STORE, Period.DAY, DAY.starts_at]


# --- days ---------------------------------------------------------------------------------------


@given(day=st.dates(date(1975, 1, 1), date(2037, 12, 30)), zone=st.sampled_from(ZONES))
def test_days_follow_each_other_without_gap_and_hours_are_whole_quarters(
    day: date, zone: str
) -> None:
    tz = ZoneInfo(zone)
    one, next_one = business_day(day, tz), business_day(day + timedelta(days=1), tz)
    assert one.ends_at == next_one.starts_at
    assert all(date_of(one.starts[node], tz) == day for node in one.quarters)
    for node in range(one.first_quarter):
        below = one.children[node]
        assert one.starts[node] == one.starts[below[0]]
        assert one.ends[node] == one.ends[below[-1]]
        assert all(one.ends[a] == one.starts[b] for a, b in pairwise(below))


@pytest.mark.parametrize(
    ("zone", "day", "hours", "quarters"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23, 92),
        ("Europe/Berlin", date(2026, 10, 25), 25, 100),
        ("Europe/Berlin", date(2026, 3, 3), 24, 96),
        ("America/Havana", date(2026, 3, 8), 23, 92),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25, 98),
        ("Asia/Kathmandu", date(2026, 3, 3), 24, 96),
    ],
)
def test_a_day_has_the_hours_that_its_clocks_give_it(
    zone: str, day: date, hours: int, quarters: int
) -> None:
    found = business_day(day, ZoneInfo(zone))
    assert (len(found.hours), len(found.quarters)) == (hours, quarters)


# --- sums -----------------------------------------------------------------------------------------


def test_a_visit_counts_once_in_the_quarter_in_which_it_began() -> None:
    counted = tally(DAY, [a_visit(14), a_visit(16), a_visit(16)], absence_s=2700)
    assert counted.visits["Front door"][36:38] == [1, 2]
    assert sum(map(sum, counted.visits.values())) == 3


@pytest.mark.parametrize(
    ("minutes", "bucket"),
    [
        (0, "dwell_under_5_min"),
        (5, "dwell_5_to_15_min"),
        (29.9, "dwell_15_to_30_min"),
        (45, "dwell_30_to_60_min"),
        (60, "dwell_over_60_min"),
        (None, "dwell_open"),
    ],
)
def test_a_stay_lasts_from_the_first_sign_to_the_last(minutes: float | None, bucket: str) -> None:
    """Not to the end of the wait that closes it."""
    counted = tally(DAY, [a_visit(stayed_min=minutes)], absence_s=2700)
    assert sum(counted.kinds[bucket]) == 1


def test_what_a_guide_refused_is_an_alert_and_no_visit() -> None:
    visits = [a_visit(claim=Claim.REFUSED) for _ in range(4)] + [a_visit() for _ in range(3)]
    row = the_day(tally(DAY, visits, absence_s=2700))
    assert (row.member_visits, row.alerts_confirmed, row.alerts_refused) == (3, 3, 4)


def test_arrivals_are_told_by_their_kind_and_the_greeting_by_its_median() -> None:
    visits = [a_visit(n, answered_s=s) for n, s in enumerate((10, 20, 60))]
    visits += [a_visit(n, claim=Claim.POSSIBLE, answered_s=None) for n in range(4)]
    visits += [a_visit(n, ArrivedBy.CODE, Claim.CERTAIN, answered_s=None) for n in range(5)]
    row = the_day(tally(DAY, visits, absence_s=2700))
    assert row.member_visits == 12
    assert (row.arrivals_recognised, row.arrivals_code) == (7, 5)
    assert (row.arrivals_phone, row.arrivals_guide) == (0, 0)
    assert (row.alerts_confirmed, row.greeting_median_s) == (3, 20)
    assert row.dwell_5_to_15_min == 12


def test_people_inside_follow_from_those_who_came_and_left() -> None:
    quarters = [NINE + n * timedelta(minutes=15) for n in range(4)]
    counted = tally(
        DAY,
        [],
        absence_s=2700,
        traffic_in={"Front door": dict(zip(quarters, (20, 10, 0, 5), strict=True))},
        traffic_out={"Side door": dict(zip(quarters, (0, 15, 10, 8), strict=True))},
    )
    hour = told(counted)[WHOLE_STORE, Period.HOUR, NINE]
    assert (hour.traffic_in, hour.traffic_out) == (35, 33)
    assert (hour.occupancy_end, hour.occupancy_peak) == (2, 20)
    side = told(counted)["Side door", Period.HOUR, NINE]
    assert (side.traffic_in, side.traffic_out, side.occupancy_end) == (None, 33, None)
    assert Measure.TRAFFIC_IN not in side.suppressed


def test_a_hidden_number_is_told_from_one_that_was_not_measured() -> None:
    row = the_day(tally(DAY, [a_visit()], absence_s=2700))
    assert row.member_visits is None
    assert Measure.MEMBER_VISITS in row.suppressed
    assert row.traffic_in is None
    assert not {Measure.TRAFFIC_IN, Measure.OCCUPANCY_END, Measure.TRANSACTIONS} & {*row.suppressed}


def test_sales_without_traffic_make_no_conversion() -> None:
    sold = [NINE] * 12
    row = the_day(tally(DAY, [], absence_s=2700, sold_at=sold))
    assert (row.transactions, row.conversion_permille) == (12, None)
    traffic = {"Front door": {NINE: 48}}
    row = the_day(tally(DAY, [], absence_s=2700, sold_at=sold, traffic_in=traffic))
    assert row.conversion_permille == 250


@st.composite
def stays(draw: st.DrawFn) -> Visit:
    by = draw(st.sampled_from(ArrivedBy))
    claims = [Claim.CERTAIN] if by is not ArrivedBy.FACE else list(Claim)[:3]
    claim = draw(st.sampled_from(claims))
    return a_visit(
        draw(st.integers(0, 600)),
        by,
        claim,
        stayed_min=draw(st.sampled_from([0, 8, 40, None])),
        answered_s=40 if claim in (Claim.CONFIRMED, Claim.REFUSED) else None,
        place=draw(st.sampled_from(["", "Front door", "Side door"])),
    )


@settings(deadline=None, max_examples=30)
@given(visits=st.lists(stays(), max_size=150), least=st.integers(3, 10))
def test_every_number_that_is_told_is_true_and_none_is_small(
    visits: list[Visit], least: int
) -> None:
    """Against a count by hand of the visits, for every row and every way to arrive."""
    counted = tally(DAY, visits, absence_s=2700)
    ours = [visit for visit in visits if visit.claim is not Claim.REFUSED]
    for row in rows(DAY, counted, pattern_of(DAY, counted, least), "lyon-1"):
        inside = [
            visit
            for visit in ours
            if row.starts_at <= visit.opened_at < row.ends_at and row.zone in ("", visit.place)
        ]
        by_code = sum(visit.arrived_by is ArrivedBy.CODE for visit in inside)
        assert row.member_visits in (None, len(inside))
        assert row.arrivals_code in (None, by_code)
        assert not 0 < (row.member_visits or 0) < least
        assert not 0 < (row.arrivals_code or 0) < least
        assert (row.member_visits is None) == (Measure.MEMBER_VISITS in row.suppressed)


@settings(deadline=None, max_examples=30)
@given(visits=st.lists(stays(), max_size=120), more=st.lists(stays(), max_size=6))
def test_a_correction_tells_nothing_that_was_hidden_before(
    visits: list[Visit], more: list[Visit]
) -> None:
    first = tally(DAY, visits, absence_s=2700)
    before = pattern_of(DAY, first, 5)
    later = tally(DAY, [*visits, *more], absence_s=2700)
    after = pattern_of(DAY, later, 5, before)
    for name, nodes in after.told.items():
        assert nodes <= before.told[name]
    for row in rows(DAY, later, after, "lyon-1"):
        assert not 0 < (row.member_visits or 0) < 5
