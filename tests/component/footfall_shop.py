"""A store whose visits and people are put in by hand, and the sums that headquarters pulls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from component.store_values import START, Clock, a_member, a_visit

from edge.config import FootfallConfig, StoreConfig
from edge.contract import FootfallRow, Period
from edge.domain import Claim, Sale, Visit, new_id
from edge.flows.footfall import Footfall
from edge.flows.noise import Noise
from edge.rules.footfall.day import quarter_of
from edge.store import Store, Transaction

SHOP = StoreConfig(id="lyon-1", name="Maison Lyon", timezone="Europe/Paris")
ZONES = ("Front door", "Back door")
ABSENCE_S = 2700
CONFIG = FootfallConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The store, its sums, and the clock of both."""

    store: Store
    footfall: Footfall
    clock: Clock

    async def visits(
        self, number: int, at: datetime = START, *, closed: bool = True
    ) -> list[Visit]:
        """Confirmed visits of ten minutes at the front door, that have ended or not."""
        members = [a_member() for _ in range(number)]
        begun = [a_visit(member, opened_at=at, place="Front door") for member in members]
        visits = [ended(visit) for visit in begun]
        if not closed:
            visits = [replace(visit, closed_at=None) for visit in visits]

        def story(tx: Transaction) -> None:
            for member, visit in zip(members, visits, strict=True):
                tx.members.put(member)
                tx.visits.put(visit)

        await self.store.write(story)
        return visits

    async def people(self, counts: Mapping[datetime, int], direction: str = "in") -> None:
        people = {("Front door", direction, quarter_of(at)): n for at, n in counts.items()}
        await self.store.write(lambda tx: tx.footfall.count(people))

    async def sales(self, number: int, at: datetime = START, amount: str = "20") -> None:
        sale = Sale(
            id="", receipt_id="", amount=Decimal(amount), currency="EUR", sold_at=at, member_id=None
        )

        def story(tx: Transaction) -> None:
            for _ in range(number):
                tx.sales.add(replace(sale, id=new_id(), receipt_id=new_id()))

        await self.store.write(story)

    async def tomorrow(self) -> int:
        """Go to the next day's afternoon and tell what is over."""
        self.clock.move(hours=30)
        return await self.footfall.build()

    async def rows(self, after: int = 0) -> list[FootfallRow]:
        page = await self.footfall.page(after)
        return page.rows

    async def day(self) -> FootfallRow:
        """The whole store on the last day that was told."""
        rows = [row for row in await self.rows() if (row.zone, row.period) == ("", Period.DAY)]
        return rows[-1]


def ended(visit: Visit) -> Visit:
    last = visit.opened_at + timedelta(minutes=10)
    return replace(
        visit,
        claim=Claim.CONFIRMED,
        answered_at=visit.opened_at + timedelta(seconds=40),
        last_seen_at=last,
        closed_at=last + timedelta(seconds=ABSENCE_S),
    )


def footfall_of(
    store: Store,
    clock: Clock,
    config: FootfallConfig = CONFIG,
    noise: Noise | None = None,
) -> Footfall:
    return Footfall(
        store,
        clock,
        shop=SHOP,
        config=config,
        zones=ZONES,
        absence_s=ABSENCE_S,
        noise=noise,
        ran_s=clock.ran_s,
    )


@asynccontextmanager
async def open_counted(
    state: Path, config: FootfallConfig = CONFIG, noise: Noise | None = None
) -> AsyncIterator[Counted]:
    clock = Clock()
    async with Store.open(state, clock) as store:
        yield Counted(store=store, footfall=footfall_of(store, clock, config, noise), clock=clock)
