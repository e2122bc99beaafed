"""A visit's life: a refused visit must not come back, a member must not be in twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.domain import ArrivedBy, Claim, Visit
from edge.rules.visit import (
    Arrival,
    Extended,
    Opened,
    Raised,
    Unchanged,
    absent,
    answer,
    arrive,
    close,
    lose_claim,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TIMES = st.timedeltas(timedelta(days=-300), timedelta(days=30)).map(lambda delta: NOON + delta)
TYPED = (ArrivedBy.CODE, ArrivedBy.PHONE, ArrivedBy.GUIDE)
ARRIVALS = st.builds(
    Arrival,
    member_id=st.just("m1"),
    arrived_by=st.sampled_from(ArrivedBy),
    place=st.sampled_from(["Front door", "Back door"]),
    seen_at=TIMES,
)


def by(arrived_by: ArrivedBy, seen_at: datetime = NOON, place: str = "Front door") -> Arrival:
    return Arrival(member_id="m1", arrived_by=arrived_by, place=place, seen_at=seen_at)


def opened(arrived_by: ArrivedBy = ArrivedBy.FACE) -> Visit:
    outcome = arrive(None, by(arrived_by))
    assert isinstance(outcome, Opened)
    return outcome.visit


def test_a_face_opens_a_possible_visit_and_a_code_a_certain_one() -> None:
    assert opened().claim is Claim.POSSIBLE
    assert {opened(kind).claim for kind in TYPED} == {Claim.CERTAIN}


def test_the_same_member_on_two_cameras_is_one_visit() -> None:
    visit = opened()
    outcome = arrive(visit, by(ArrivedBy.FACE, NOON + timedelta(seconds=3), "Back door"))
    assert isinstance(outcome, Extended)
    assert (outcome.visit.id, outcome.visit.place) == (visit.id, "Front door")


def test_a_sign_older_than_the_last_one_changes_nothing() -> None:
    visit = opened()
    outcome = arrive(visit, by(ArrivedBy.FACE, NOON - timedelta(seconds=3)))
    assert outcome == Unchanged(visit=visit)


def test_a_code_makes_a_possible_visit_certain() -> None:
    outcome = arrive(opened(), by(ArrivedBy.CODE))
    assert isinstance(outcome, Raised)
    assert outcome.visit.claim is Claim.CERTAIN
    assert isinstance(arrive(outcome.visit, by(ArrivedBy.CODE)), Unchanged)


def test_a_guide_confirms_once_and_keeps_the_answer() -> None:
    confirmed = answer(opened(), confirmed=True, by="Ana", now=NOON)
    assert confirmed is not None
    assert (confirmed.claim, confirmed.answered_by) == (Claim.CONFIRMED, "Ana")
    assert answer(confirmed, confirmed=True, by="Bo", now=NOON) == confirmed


def test_confirming_a_certain_visit_keeps_it_certain() -> None:
    confirmed = answer(opened(ArrivedBy.CODE), confirmed=True, by="Ana", now=NOON)
    assert confirmed is not None
    assert confirmed.claim is Claim.CERTAIN


def test_not_them_ends_the_visit_and_may_be_said_twice() -> None:
    refused = answer(opened(), confirmed=False, by="Ana", now=NOON)
    assert refused is not None
    assert (refused.claim, refused.closed_at) == (Claim.REFUSED, NOON)
    assert answer(refused, confirmed=False, by="Bo", now=NOON) == refused


def test_a_visit_that_ended_takes_no_other_answer() -> None:
    assert answer(close(opened(), NOON), confirmed=True, by="Ana", now=NOON) is None
    assert answer(close(opened(), NOON), confirmed=False, by="Ana", now=NOON) is None


def test_withdrawal_ends_a_face_claim_and_leaves_a_typed_one() -> None:
    confirmed = answer(opened(), confirmed=True, by="Ana", now=NOON)
    assert confirmed is not None
    for visit in (opened(), confirmed):
        assert lose_claim(visit, NOON).claim is Claim.REFUSED
        assert not lose_claim(visit, NOON).open
    raised = arrive(opened(), by(ArrivedBy.PHONE)).visit
    assert lose_claim(raised, NOON) == raised


@given(ARRIVALS, ARRIVALS)
def test_a_refused_visit_is_never_extended(first: Arrival, later: Arrival) -> None:
    visit = arrive(None, first).visit
    refused = answer(visit, confirmed=False, by="Ana", now=first.seen_at)
    assert refused is not None
    outcome = arrive(refused, later)
    assert isinstance(outcome, Opened)
    assert outcome.visit.id != refused.id


@given(st.lists(ARRIVALS, min_size=1, max_size=8))
def test_however_signs_come_there_is_one_visit_that_reaches_to_the_newest(
    arrivals: list[Arrival],
) -> None:
    visit: Visit | None = None
    ids = set()
    for arrival in arrivals:
        visit = arrive(visit, arrival).visit
        ids.add(visit.id)
    assert visit is not None
    assert len(ids) == 1
    assert visit.last_seen_at == max(arrival.seen_at for arrival in arrivals)
    typed = any(arrival.arrived_by is not ArrivedBy.FACE for arrival in arrivals)
    assert visit.claim is (Claim.CERTAIN if typed else Claim.POSSIBLE)


@given(TIMES, st.integers(5, 10_000))
def test_a_visit_closes_only_after_absence(now: datetime, absence_s: int) -> None:
    visit = opened()
    assert absent(visit, now, absence_s) == ((now - NOON).total_seconds() >= absence_s)
    assert not absent(close(visit, NOON), now, absence_s)
