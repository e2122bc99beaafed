"""Whether a voucher may be redeemed here and now, and how a use goes on from there.

    decide    -> RESERVED, or a refusal with its reason
    RESERVED  --commit--> COMMITTED --reverse--> REVERSED
    RESERVED  --release--> RELEASED    RESERVED --time--> EXPIRED

The checks stand in the order in which a guide can do something about them: what the voucher
is, then time and place, then who, then the basket, and at last whether this store may give
the use away alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from edge.domain import (
    ArrivedBy,
    Basket,
    Campaign,
    DoubleUse,
    ForeignUse,
    Lease,
    MemberProof,
    Money,
    Reason,
    Redemption,
    RedemptionState,
    Refusal,
    Tally,
    Voucher,
    new_id,
)
from edge.rules import clock, window
from edge.rules.campaign import NOTHING, discount, refuse_basket, refuse_combination

UNDO = timedelta(minutes=1)
"""A guide may reverse a redemption this long; later it takes a manager."""

PROOFS = (ArrivedBy.CODE, ArrivedBy.PHONE)
"""What proves a member: a face or a guide's search never authorises value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What was used before, at this store and, as far as it knows, at others.

    ``unleased`` are this store's uses of the campaign that headquarters has not seen yet.
    """

    voucher: Tally = field(default_factory=Tally)
    member: Tally = field(default_factory=Tally)
    campaign: Tally = field(default_factory=Tally)
    unleased: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseUse:
    """A lease and what was taken from it."""

    lease: Lease
    taken: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A voucher as it is presented, with all that the decision looks at.

    ``revoked`` is why the books no longer honour voucher or key. ``beside`` are the campaigns
    of the uses that the basket holds already, which took ``taken_off``. ``latest_at`` is the
    latest time that has certainly passed; ``offline_cap`` the configured one.
    """

    voucher: Voucher
    campaign: Campaign | None
    revoked: Reason | None = None
    proof: MemberProof | None = None
    basket: Basket | None = None
    beside: Sequence[Campaign] = ()
    taken_off: Decimal = NOTHING
    used: Used = field(default_factory=Used)
    leases: Sequence[LeaseUse] = ()
    offline_cap: int
    store_id: str
    now: datetime
    latest_at: datetime
    tz: ZoneInfo

    @property
    def at(self) -> datetime:
        """The time that counts, which never runs back."""
        return max(self.now, self.latest_at)

    @property
    def proven(self) -> str | None:
        """The member who is known to be here by more than a face."""
        return self.proof.member_id if self.proof and self.proof.by in PROOFS else None


def decide(presented: Presented, *, hold: timedelta) -> Redemption | Refusal:
    """A use reserved for as long as ``hold``, or why not."""
    campaign = presented.campaign
    if campaign is None:
        return Refusal(reason=presented.revoked or Reason.UNKNOWN_CAMPAIGN)
    refusal = (
        _refuse_books(presented, campaign)
        or _refuse_time(presented)
        or _refuse_place(presented, campaign)
        or _refuse_member(presented, campaign)
        or _refuse_uses(presented, campaign)
        or refuse_basket(campaign, presented.voucher.value, presented.basket)
        or refuse_combination(campaign, presented.beside)
    )
    if refusal is not None:
        return refusal
    off = discount(campaign, presented.voucher.value, presented.basket, presented.taken_off)
    if isinstance(off, Refusal):
        return off
    return _within_means(presented, campaign, off, hold)


def commit(redemption: Redemption, now: datetime) -> Redemption | Refusal:
    """The use is made. A reservation that ended took its hold with it."""
    if redemption.state is RedemptionState.COMMITTED:
        return redemption
    if redemption.state is not RedemptionState.RESERVED or lapsed(redemption, now):
        return Refusal(reason=Reason.RESERVATION_ENDED, until_at=redemption.expires_at)
    return _changed(redemption, RedemptionState.COMMITTED, now)


def release(redemption: Redemption, now: datetime) -> Redemption | Refusal:
    """The reservation is given back; one that ended already stays as it is."""
    if redemption.state is RedemptionState.COMMITTED:
        return Refusal(reason=Reason.ALREADY_REDEEMED)
    if redemption.state is not RedemptionState.RESERVED:
        return redemption
    return _changed(redemption, RedemptionState.RELEASED, now)


def reverse(redemption: Redemption, now: datetime, *, manager: bool) -> Redemption | Refusal:
    """The use is undone: by a guide within a minute, by a manager at any time."""
    if redemption.state is RedemptionState.REVERSED:
        return redemption
    if redemption.state is not RedemptionState.COMMITTED:
        return Refusal(reason=Reason.NOT_REDEEMED)
    if not manager and now - redemption.changed_at > UNDO:
        return Refusal(reason=Reason.UNDO_OVER, until_at=redemption.changed_at + UNDO)
    return _changed(redemption, RedemptionState.REVERSED, now)


def lapsed(redemption: Redemption, now: datetime) -> bool:
    """Whether a reservation has run out."""
    return redemption.state is RedemptionState.RESERVED and now >= redemption.expires_at


def expire(redemption: Redemption, now: datetime) -> Redemption:
    """A reservation that has run out, marked as such."""
    return _changed(redemption, RedemptionState.EXPIRED, now)


def double_use(
    uses: Sequence[Redemption | ForeignUse], granted: int, now: datetime
) -> DoubleUse | None:
    """Whether the stores together hold more uses of one voucher than were granted."""
    held = [use for use in uses if use.state.holds]
    if len(held) <= granted:
        return None
    return DoubleUse(
        voucher_id=held[0].voucher_id,
        campaign_id=held[0].campaign_id,
        granted=granted,
        stores=tuple(sorted({use.store_id for use in held})),
        redeemed=len(held),
        found_at=now,
    )


def _changed(redemption: Redemption, state: RedemptionState, now: datetime) -> Redemption:
    return replace(redemption, state=state, changed_at=max(now, redemption.changed_at))


def _refuse_books(presented: Presented, campaign: Campaign) -> Refusal | None:
    if presented.revoked is not None:
        return Refusal(reason=presented.revoked)
    ended = campaign.ended_at
    if ended is not None and presented.at >= ended:
        return Refusal(reason=Reason.CAMPAIGN_ENDED, until_at=ended)
    return None


def _refuse_time(presented: Presented) -> Refusal | None:
    voucher, at = presented.voucher, presented.at
    limited = voucher.valid_from or voucher.valid_until or voucher.window
    if limited and clock.wrong(presented.now, presented.latest_at):
        return Refusal(reason=Reason.CLOCK_WENT_BACK, until_at=presented.latest_at)
    if voucher.valid_from is not None and at < voucher.valid_from:
        return Refusal(reason=Reason.NOT_YET_VALID, from_at=voucher.valid_from)
    if voucher.valid_until is not None and at >= voucher.valid_until:
        return Refusal(reason=Reason.EXPIRED, until_at=voucher.valid_until)
    if voucher.window and window.closes_at(voucher.window, at, presented.tz) is None:
        opens_at = window.opens_at(voucher.window, at, presented.tz)
        if voucher.valid_until is not None and opens_at >= voucher.valid_until:
            return Refusal(reason=Reason.EXPIRED, until_at=voucher.valid_until)
        return Refusal(reason=Reason.OUTSIDE_WINDOW, from_at=opens_at)
    return None


def _refuse_place(presented: Presented, campaign: Campaign) -> Refusal | None:
    for stores in (presented.voucher.stores, campaign.stores):
        if stores and presented.store_id not in stores:
            return Refusal(reason=Reason.OTHER_STORE, stores=stores)
    return None


def _refuse_member(presented: Presented, campaign: Campaign) -> Refusal | None:
    """A voucher of a member, and a limit for each member, need to know who it is."""
    proven, holder = presented.proven, presented.voucher.member_id
    if proven is None and (holder is not None or campaign.per_member is not None):
        return Refusal(reason=Reason.NEEDS_MEMBER)
    if holder is not None and proven != holder:
        return Refusal(reason=Reason.OTHER_MEMBER)
    return None


def _refuse_uses(presented: Presented, campaign: Campaign) -> Refusal | None:
    used = presented.used
    if used.voucher.uses >= presented.voucher.uses:
        return Refusal(reason=Reason.USED_UP)
    if campaign.per_member is not None and used.member.uses >= campaign.per_member:
        return Refusal(reason=Reason.MEMBER_LIMIT)
    if campaign.total is not None and used.campaign.uses >= campaign.total:
        return Refusal(reason=Reason.TOTAL_LIMIT)
    return None


def _within_means(
    presented: Presented, campaign: Campaign, off: Money | None, hold: timedelta
) -> Redemption | Refusal:
    """The use, taken from the budget and from what this store may give away alone."""
    amount = off.amount if off is not None else NOTHING
    budget = campaign.budget
    if budget is not None and presented.used.campaign.spent + amount > budget.amount:
        return Refusal(reason=Reason.BUDGET_SPENT)
    lease_id = next((u.lease.id for u in presented.leases if _covers(u, presented, amount)), None)
    unleased = lease_id is None and not _only_here(presented, campaign)
    cap = presented.offline_cap if campaign.offline_cap is None else campaign.offline_cap
    if unleased and presented.used.unleased.uses >= cap:
        return Refusal(reason=Reason.NO_LEASE)
    return Redemption(
        id=new_id(),
        voucher_id=presented.voucher.id,
        campaign_id=campaign.id,
        member_id=presented.proven,
        store_id=presented.store_id,
        basket_id=presented.basket.id if presented.basket else None,
        discount=off,
        lease_id=lease_id,
        unleased=unleased,
        state=RedemptionState.RESERVED,
        expires_at=presented.at + hold,
        changed_at=presented.at,
    )


def _covers(use: LeaseUse, presented: Presented, amount: Decimal) -> bool:
    lease = use.lease
    if lease.campaign_id != presented.voucher.campaign_id:
        return False
    if lease.voucher_id not in (None, presented.voucher.id) or presented.at >= lease.expires_at:
        return False
    affordable = lease.budget is None or use.taken.spent + amount <= lease.budget.amount
    return affordable and use.taken.uses < lease.uses


def _only_here(presented: Presented, campaign: Campaign) -> bool:
    """Whether no other store takes this voucher, so that this one's books are all there is."""
    return (presented.store_id,) in (presented.voucher.stores, campaign.stores)
