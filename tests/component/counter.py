"""A counter: the real store and redemption on a clock that a test moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from component.flows_shop import GUIDE, SHOP
from component.store_values import Clock
from unit.voucher_values import a_campaign, an_issued

from edge.config import StoreConfig, VouchersConfig
from edge.domain import Campaign, IssuedVoucher, Redemption, Refusal, Session, Tally, new_id
from edge.feed import Feed
from edge.flows.guesses import Guesses
from edge.flows.member_codes import MemberCodes
from edge.flows.presenting import Offer
from edge.flows.reconciliation import Reconciliation
from edge.flows.redemptions import Redemptions, Verdict
from edge.store import Reader, Store, Transaction

CAP = 2


@dataclass
class Counterpart:
    """The parts that a test talks to."""

    store: Store
    clock: Clock
    feed: Feed = field(default_factory=Feed)
    config: StoreConfig = SHOP

    def __post_init__(self) -> None:
        self.redemptions = Redemptions(
            self.store,
            self.feed,
            self.clock,
            shop=self.config,
            vouchers=VouchersConfig(offline_cap=CAP, hold_s=600),
            guesses=Guesses(),
            member_codes=MemberCodes(),
        )
        self.reconciliation = Reconciliation(self.store, self.clock)

    async def issue(self, campaign: Campaign | None = None, *issued: IssuedVoucher) -> None:
        """A campaign and its vouchers; ``12345678`` of the cone where nothing is named."""
        campaign = campaign or a_campaign()

        def story(tx: Transaction) -> None:
            tx.vouchers.put_campaign(campaign)
            tx.vouchers.issue(issued or (an_issued(campaign),))

        await self.store.write(story)

    async def redeem(
        self,
        code: str = "12345678",
        *,
        request: str | None = None,
        reserve: bool = False,
        by: Session = GUIDE,
        **offer: object,
    ) -> Verdict:
        given = Offer(code=code, **offer)  # type: ignore[arg-type]
        return await self.redemptions.redeem(by, request or new_id(), given, reserve=reserve)

    async def used(self, code: str = "12345678", **more: object) -> Redemption:
        """Redeem or reserve, which must succeed."""
        verdict = await self.redeem(code, **more)  # type: ignore[arg-type]
        assert verdict.redemption is not None, verdict.refusal
        return verdict.redemption

    async def refused(self, code: str = "12345678", **more: object) -> Refusal:
        """Redeem or reserve, which must be refused."""
        verdict = await self.redeem(code, **more)  # type: ignore[arg-type]
        assert verdict.refusal is not None
        return verdict.refusal


@asynccontextmanager
async def open_counter(state: Path, clock: Clock | None = None) -> AsyncIterator[Counterpart]:
    clock = clock or Clock()
    async with Store.open(state, clock) as store:
        yield Counterpart(store=store, clock=clock)


def recounted(reader: Reader, campaign_id: str) -> dict[str, Tally]:
    """The tallies of a campaign as its uses add up to, counted one by one."""
    uses: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    for use in reader.redemptions.of_campaign(campaign_id):
        if use.state.holds:
            off = use.discount.amount if use.discount else 0
            for subject in (
                f"voucher:{use.voucher_id}",
                f"campaign:{campaign_id}",
                f"lease:{use.lease_id}",
                f"unleased:{use.unleased}",
            ):
                uses[subject] += 1
                spent[subject] += off
    return {subject: Tally(uses=uses[subject], spent=spent[subject]) for subject in uses}
