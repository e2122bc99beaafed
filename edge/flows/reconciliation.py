"""When stores that were apart meet again: what was redeemed twice is found, kept and reported.

Headquarters tells what other stores redeemed and which of this store's uses it has. From then
on the others' uses count here as well, and this store's no longer weigh on its offline cap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from edge.domain import DoubleUse, ForeignUse, Lease, Redemption
from edge.rules.redemption import double_use
from edge.store import Store, Transaction


class Reconciliation:
    """Takes what headquarters knows into this store's books."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def grant(self, leases: Iterable[Lease]) -> None:
        """Uses that this store may give away alone; the same lease again replaces itself."""
        granted = list(leases)

        def story(tx: Transaction) -> None:
            for lease in granted:
                tx.vouchers.put_lease(lease)

        await self._store.write(story)

    async def reconcile(
        self, foreign: Iterable[ForeignUse], acknowledged: Iterable[str] = ()
    ) -> list[DoubleUse]:
        """Learn what other stores redeemed, and which uses of ours (by id) are known there.

        Returns the vouchers that were redeemed more often than granted, as far as this
        delivery touches them. The same delivery again changes nothing.
        """
        now, uses, known = self._clock(), list(foreign), list(acknowledged)

        def story(tx: Transaction) -> list[DoubleUse]:
            for use in uses:
                tx.redemptions.learn(use)
            for redemption_id in known:
                _settle(tx, redemption_id)
            touched = dict.fromkeys(use.voucher_id for use in uses)
            found = [_look(tx, voucher_id, now) for voucher_id in touched]
            return [double for double in found if double is not None]

        return await self._store.write(story)

    async def double_uses(self) -> list[DoubleUse]:
        """All that were found, the newest first."""
        return await self._store.read(lambda reader: reader.redemptions.double_uses())


def _settle(tx: Transaction, redemption_id: str) -> None:
    use = tx.redemptions.get(redemption_id)
    if use is not None and use.unleased:
        tx.redemptions.put(replace(use, unleased=False))


def _look(tx: Transaction, voucher_id: str, now: datetime) -> DoubleUse | None:
    """Judge a voucher anew: a use that was reversed elsewhere may have cleared it."""
    uses: list[Redemption | ForeignUse] = [
        *tx.redemptions.of_voucher(voucher_id),
        *tx.redemptions.foreign_of(voucher_id),
    ]
    campaign = tx.vouchers.campaign(uses[0].campaign_id)
    double = double_use(uses, campaign.uses if campaign else 1, now)
    if double is None:
        tx.redemptions.drop_double_use(voucher_id)
    else:
        tx.redemptions.put_double_use(double)
    return double
