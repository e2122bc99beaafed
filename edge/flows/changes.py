"""What headquarters tells, taken into this store: changes and their cursor in one transaction.

The same changes again change nothing. A change that cannot be read or kept goes to quarantine and
the rest goes on. A withdrawal ends the consent it names where this store gave it, and whichever
is in force where another did; having been heard once it does so never again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from edge import contract
from edge.domain import AgeBand, Consent, MemberChanged, Purchase
from edge.errors import BadRequest, Conflict
from edge.feed import Feed
from edge.flows import assortment
from edge.flows.enrollment import Enrollment
from edge.flows.member_messages import profile_of
from edge.flows.merging import erase_member, merge_members
from edge.flows.profiles import checked, merge, save
from edge.flows.withdrawals import Withdrawal, end_consent
from edge.store import Store, Transaction

TOGETHER = 100
"""Changes taken in at once: a phone that writes meanwhile waits for no more than these."""


@dataclass(slots=True)
class _Told:
    """What the phones and the gallery are to hear of after the commit."""

    members: set[str]
    withdrawals: list[Withdrawal]
    erased: bool = False


class Changes:
    """Applies pages of headquarters' feeds."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        enrollment: Enrollment,
        clock: Callable[[], datetime],
        *,
        store_id: str,
    ) -> None:
        self._store = store
        self._feed = feed
        self._enrollment = enrollment
        self._clock = clock
        self._store_id = store_id

    async def apply(self, feed: contract.Feed, page: contract.Page, *, after: int) -> None:
        """Take in what follows ``after``, some changes at a time, each part with its cursor whole
        or not at all.
        """
        for start in range(0, len(page.changes), TOGETHER):
            some = page.changes[start : start + TOGETHER]
            last = start + TOGETHER >= len(page.changes)
            up_to = page.cursor if last else some[-1].position
            await self._take_in(feed, some, after, up_to)
            after = up_to

    async def _take_in(
        self, feed: contract.Feed, changes: Sequence[contract.Change], after: int, up_to: int
    ) -> None:
        """What was in quarantine from this part of the feed and is refused no more leaves it."""
        now = self._clock()

        def story(tx: Transaction) -> _Told:
            told, refused = _Told(set(), []), dict[int, str]()
            for change in changes:
                try:
                    self._apply(tx, contract.decode_change(change.message), now, told)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    refused[change.position] = contract.code_of(change.message, error)
                except (BadRequest, Conflict) as error:
                    refused[change.position] = error.code
            tx.exchange.settle(feed, after, up_to, keep=refused)
            for change in changes:
                if change.position in refused:
                    tx.exchange.refuse(feed, change, refused[change.position], now)
            tx.exchange.move(feed, up_to)
            return told

        told = await self._store.write(story)
        for withdrawal in told.withdrawals:
            await self._enrollment.forget(withdrawal)
        if told.erased:
            await self._store.empty_log()
        for member_id in told.members:
            self._feed.publish(MemberChanged(member_id=member_id))

    def _apply(self, tx: Transaction, change: contract.Down, now: datetime, told: _Told) -> None:
        match change:
            case contract.MemberWithdrawn():
                told.withdrawals += self._withdraw(tx, change, now)
            case contract.MemberMerged():
                told.withdrawals += merge_members(tx, change, store_id=self._store_id, now=now)
                told.members |= {change.member_id, change.survivor_id}
            case contract.MemberErased():
                told.withdrawals += erase_member(tx, change, store_id=self._store_id, now=now)
                told.erased = True
                told.members.add(change.member_id)
            case contract.MemberKnown():
                told.withdrawals += self._protect(tx, change, now)
                if _know(tx, change, now):
                    told.members.add(change.member_id)
            case contract.PurchaseMade():
                if _buy(tx, change):
                    told.members.add(change.member_id)
            case contract.ReleaseWanted():
                tx.exchange.want_release(change.release)
            case _:
                assortment.take(tx, change, now)

    def _withdraw(
        self, tx: Transaction, withdrawn: contract.MemberWithdrawn, now: datetime
    ) -> list[Withdrawal]:
        if tx.exchange.heard(withdrawn.message_id):
            return []
        tx.exchange.hear(withdrawn.message_id)
        return self._end(tx, _meant(tx, withdrawn), "withdrawn by the member", now)

    def _protect(
        self, tx: Transaction, known: contract.MemberKnown, now: datetime
    ) -> list[Withdrawal]:
        """Whoever turned out to be under 18 elsewhere is recognised no more."""
        if known.profile.age_band is not AgeBand.UNDER_18:
            return []
        return self._end(tx, tx.consents.active_of(known.member_id), "of a member under 18", now)

    def _end(
        self, tx: Transaction, consent: Consent | None, why: str, now: datetime
    ) -> list[Withdrawal]:
        if consent is None or not consent.active:
            return []
        return [
            end_consent(
                tx,
                consent,
                actor=contract.HEADQUARTERS,
                why=f"{why}, told by headquarters",
                store_id=self._store_id,
                now=now,
                ended_by=contract.EndedBy.HEADQUARTERS,
            )
        ]


def _meant(tx: Transaction, withdrawn: contract.MemberWithdrawn) -> Consent | None:
    ours = tx.consents.get(withdrawn.consent_id) if withdrawn.consent_id else None
    member = tx.members.get(withdrawn.member_id)
    return ours or tx.consents.active_of(member.id if member else withdrawn.member_id)


def _know(tx: Transaction, known: contract.MemberKnown, now: datetime) -> bool:
    """Whether a member changed whom a phone may be showing.

    Edits of this store that headquarters has not taken yet count on top, by the same rule.
    """
    profile, stamps = known.profile, known.stamps
    for message in tx.outbox.of(known.member_id):
        if isinstance(message, contract.MemberChanged):
            merged = contract.merge(
                profile, stamps, message.profile, at=message.at, by=message.store_id
            )
            profile, stamps = merged.profile, merged.stamps
    before = tx.members.exactly(known.member_id)
    member = merge(before, checked(profile_of(profile)), now)
    if before is None:
        member = replace(member, id=known.member_id, joined_at=known.joined_at)
    changed = before is None or member != replace(before, updated_at=now)
    if changed:
        save(tx, member)
    if before is None:
        tx.merging.unname(member.id)  # one who was merged away is here again
        tx.merging.move_back(member.id)
    for made in tx.exchange.take_early(member.id):
        tx.purchases.add(_purchase(made, member.id))
    return changed and before is not None


def _buy(tx: Transaction, made: contract.PurchaseMade) -> bool:
    """Whether the member's card changes by it. One that comes before its member waits."""
    member = tx.members.get(made.member_id)
    purchase = _purchase(made, member.id if member else made.member_id)
    if member is None:
        tx.exchange.keep_early(made)
        return False
    if tx.purchases.get(purchase.id) == purchase:
        return False
    tx.purchases.add(purchase)
    if member.id != made.member_id:
        tx.merging.remember("purchases", purchase.id, made.member_id)
    return True


def _purchase(made: contract.PurchaseMade, member_id: str) -> Purchase:
    return Purchase(
        id=made.purchase_id,
        member_id=member_id,
        item=made.item,
        category=made.category,
        amount=assortment.decimal(made.amount),
        currency=made.currency,
        bought_at=made.bought_at,
    )
