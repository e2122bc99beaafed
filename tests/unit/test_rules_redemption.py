"""Each reason to refuse is found, distinct, and says what would make the voucher valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal

import pytest
from unit.voucher_values import (
    HOLD,
    NOON,
    PARIS,
    STORE,
    a_basket,
    a_campaign,
    a_voucher,
    eur,
    granted,
    presented,
    proven,
    refused,
)

from edge.domain import (
    ArrivedBy,
    Lease,
    Reason,
    RedemptionState,
    Tally,
    Window,
)
from edge.rules.redemption import (
    LeaseUse,
    Presented,
    Used,
)

DAY = timedelta(days=1)
TWO = (STORE, "lyon-2")


def test_a_voucher_in_order_is_reserved() -> None:
    use = granted(presented(basket=a_basket(20)))
    assert use.state is RedemptionState.RESERVED
    assert use.discount == eur("5.00")
    assert use.expires_at == NOON + HOLD
    assert not use.unleased
    assert use.lease_id is None


# --- the books, time and place -------------------------------------------------------------


@pytest.mark.parametrize("why", [Reason.REVOKED, Reason.KEY_REVOKED])
def test_what_was_revoked_is_refused_even_where_the_campaign_is_unknown(why: Reason) -> None:
    assert refused(presented(revoked=why)).reason is why
    assert refused(replace(presented(revoked=why), campaign=None)).reason is why


def test_a_campaign_that_nobody_told_us_of_is_refused() -> None:
    assert refused(replace(presented(), campaign=None)).reason is Reason.UNKNOWN_CAMPAIGN


def test_a_campaign_that_was_ended_is_over() -> None:
    ended = a_campaign(ended_at=NOON)
    assert refused(presented(ended)).reason is Reason.CAMPAIGN_ENDED
    assert granted(presented(a_campaign(ended_at=NOON + DAY)))


def test_a_voucher_holds_from_its_first_moment_until_just_before_its_last() -> None:
    campaign = a_campaign(valid_from=NOON, valid_until=NOON + DAY)
    tick = timedelta(microseconds=1)
    early = refused(presented(campaign, now=NOON - tick))
    assert (early.reason, early.from_at) == (Reason.NOT_YET_VALID, NOON)
    assert granted(presented(campaign, now=NOON))
    assert granted(presented(campaign, now=NOON + DAY - tick))
    late = refused(presented(campaign, now=NOON + DAY))
    assert (late.reason, late.until_at) == (Reason.EXPIRED, NOON + DAY)


def test_the_cone_is_for_after_ten_at_night() -> None:
    campaign = a_campaign(window=Window(opens=time(22), closes=time(4)))
    at_ten = NOON.astimezone(PARIS).replace(hour=22)
    early = refused(presented(campaign))
    assert (early.reason, early.from_at) == (Reason.OUTSIDE_WINDOW, at_ten)
    assert granted(presented(campaign, now=at_ten))


def test_a_window_that_opens_after_the_end_is_no_promise() -> None:
    campaign = a_campaign(
        window=Window(opens=time(22), closes=time(4)), valid_until=NOON + timedelta(hours=2)
    )
    assert refused(presented(campaign)).reason is Reason.EXPIRED


def test_another_store_s_voucher_names_its_stores() -> None:
    refusal = refused(presented(a_campaign(stores=("metz", "nice"))))
    assert (refusal.reason, refusal.stores) == (Reason.OTHER_STORE, ("metz", "nice"))


def test_a_voucher_may_be_for_fewer_stores_than_its_campaign() -> None:
    campaign = a_campaign(stores=TWO)
    given = presented(campaign, voucher=a_voucher(campaign, stores=("lyon-2",)), offline_cap=1)
    assert refused(given).reason is Reason.OTHER_STORE


# --- the clock -----------------------------------------------------------------------------


def test_a_clock_set_back_is_told_and_no_old_voucher_comes_alive() -> None:
    campaign = a_campaign(valid_until=NOON + DAY)
    refusal = refused(presented(campaign, now=NOON, latest_at=NOON + 2 * DAY))
    assert (refusal.reason, refusal.until_at) == (Reason.CLOCK_WENT_BACK, NOON + 2 * DAY)


def test_a_clock_corrected_by_seconds_is_not_worth_a_word_but_time_does_not_run_back() -> None:
    campaign = a_campaign(valid_until=NOON)
    refusal = refused(presented(campaign, now=NOON - timedelta(seconds=30), latest_at=NOON))
    assert refusal.reason is Reason.EXPIRED


def test_a_voucher_without_times_does_not_ask_the_clock() -> None:
    use = granted(presented(now=NOON, latest_at=NOON + DAY))
    assert use.changed_at == NOON + DAY


# --- the member ----------------------------------------------------------------------------


@pytest.mark.parametrize("by", [ArrivedBy.CODE, ArrivedBy.PHONE])
def test_a_member_s_voucher_takes_their_card_or_number(by: ArrivedBy) -> None:
    campaign = a_campaign()
    voucher = a_voucher(campaign, member_id="anna")
    assert refused(presented(campaign, voucher=voucher)).reason is Reason.NEEDS_MEMBER
    other = presented(campaign, voucher=voucher, proof=proven("ben", by))
    assert refused(other).reason is Reason.OTHER_MEMBER
    assert granted(presented(campaign, voucher=voucher, proof=proven("anna", by)))


@pytest.mark.parametrize("by", [ArrivedBy.FACE, ArrivedBy.GUIDE])
def test_a_face_or_a_search_never_authorises_value(by: ArrivedBy) -> None:
    campaign = a_campaign()
    voucher = a_voucher(campaign, member_id="anna")
    given = presented(campaign, voucher=voucher, proof=proven("anna", by))
    assert refused(given).reason is Reason.NEEDS_MEMBER
    anyone = granted(presented(campaign, proof=proven("anna", by)))
    assert anyone.member_id is None, "a face is not even remembered as the one who redeemed"


# --- uses and limits -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "used", "reason"),
    [
        ({"uses": 2}, Used(voucher=Tally(uses=2)), Reason.USED_UP),
        ({"per_member": 2}, Used(member=Tally(uses=2)), Reason.MEMBER_LIMIT),
        ({"total": 2}, Used(campaign=Tally(uses=2)), Reason.TOTAL_LIMIT),
    ],
)
def test_each_limit_is_a_reason_of_its_own(
    rules: dict[str, int], used: Used, reason: Reason
) -> None:
    given = presented(a_campaign(**rules), used=used, proof=proven())
    assert refused(given).reason is reason
    one_less = Used(
        voucher=Tally(uses=max(0, used.voucher.uses - 1)),
        member=Tally(uses=max(0, used.member.uses - 1)),
        campaign=Tally(uses=max(0, used.campaign.uses - 1)),
    )
    assert granted(replace(given, used=one_less))


def test_a_limit_for_each_member_needs_to_know_who_it_is() -> None:
    assert refused(presented(a_campaign(per_member=1))).reason is Reason.NEEDS_MEMBER


def test_the_budget_is_never_overdrawn() -> None:
    campaign = a_campaign(budget=eur(12))
    spent = Used(campaign=Tally(uses=1, spent=Decimal("7.00")))
    assert granted(presented(campaign, basket=a_basket(20), used=spent))
    spent = Used(campaign=Tally(uses=1, spent=Decimal("7.01")))
    assert refused(presented(campaign, basket=a_basket(20), used=spent)).reason is (
        Reason.BUDGET_SPENT
    )


# --- apart from headquarters ---------------------------------------------------------------


def a_lease(**changes: object) -> Lease:
    plain: dict[str, object] = {
        "id": "l1",
        "campaign_id": "cone",
        "uses": 2,
        "granted_at": NOON,
        "expires_at": NOON + DAY,
    }
    return Lease(**(plain | changes))  # type: ignore[arg-type]


def leased(lease: Lease, taken: Tally | None = None, **changes: object) -> Presented:
    use = LeaseUse(lease=lease, taken=taken or Tally())
    return presented(a_campaign(stores=TWO), leases=(use,), **changes)


def test_a_voucher_of_several_stores_is_taken_from_a_lease() -> None:
    use = granted(leased(a_lease()))
    assert (use.lease_id, use.unleased) == ("l1", False)
    assert granted(leased(a_lease(voucher_id="v1"))).lease_id == "l1"


@pytest.mark.parametrize(
    ("lease", "taken"),
    [
        (a_lease(voucher_id="another"), Tally()),
        (a_lease(campaign_id="another"), Tally()),
        (a_lease(expires_at=NOON), Tally()),
        (a_lease(uses=2), Tally(uses=2)),
        (a_lease(budget=eur(8)), Tally(uses=1, spent=Decimal("3.01"))),
    ],
)
def test_a_lease_that_does_not_cover_the_use_is_not_taken(lease: Lease, taken: Tally) -> None:
    given = leased(lease, taken, basket=a_basket(20))
    assert refused(given).reason is Reason.NO_LEASE


def test_without_a_lease_uses_go_up_to_the_cap_and_are_marked() -> None:
    given = presented(a_campaign(stores=TWO), offline_cap=1)
    assert granted(given).unleased
    full = replace(given, used=Used(unleased=Tally(uses=1)))
    assert refused(full).reason is Reason.NO_LEASE
    own_cap = presented(a_campaign(stores=TWO, offline_cap=2), offline_cap=1)
    assert granted(replace(own_cap, used=Used(unleased=Tally(uses=1)))).unleased
