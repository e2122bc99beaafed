"""The demo's vouchers: a cone for after ten at night, a welcome for everybody, on one sheet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.config import StoreConfig
from edge.demo.profiles import CURRENCY
from edge.domain import AmountOff, Batch, Campaign, Gift, Money, Window
from edge.flows.issuing import Issuing
from edge.rules.digits import grouped
from edge.rules.issuing import Press, codes
from edge.sheets import pdf
from edge.store import Reader, Store

COUNT = 8
"""A sheet of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A campaign's sheet, and the digits of its first voucher."""

    campaign: str
    sheet: Path
    digits: str


async def issue(store: Store, shop: StoreConfig, clock: Callable[[], datetime]) -> list[Printed]:
    """Issue what was not issued at an earlier start; print what is not printed."""
    desk = Issuing(store, clock, "demo")
    printed = []
    for campaign in _campaigns(shop.id, clock()):
        press = await desk.press(await _batch(store, desk, campaign))
        sheet = Path(shop.state_dir) / f"{campaign.id}.pdf"
        await asyncio.to_thread(_print, press, sheet, shop)
        await desk.written(press.batch.id)
        (first,) = codes(press, 0, 1)
        printed.append(Printed(campaign=campaign.name, sheet=sheet, digits=grouped(first.digits)))
    return printed


async def _batch(store: Store, desk: Issuing, campaign: Campaign) -> str:
    """The campaign's first batch, issued now if there is none."""

    def question(reader: Reader) -> tuple[bool, list[Batch]]:
        return (
            reader.vouchers.campaign(campaign.id) is not None,
            reader.vouchers.batches(campaign.id),
        )

    known, batches = await store.read(question)
    if not known:
        await desk.create(campaign)
    return (batches[0] if batches else await desk.begin(campaign.id, COUNT, "demo")).id


def _print(press: Press, sheet: Path, shop: StoreConfig) -> None:
    pdf.write(
        press,
        sheet,
        lambda made, of: None,
        start=0,
        count=press.batch.count,
        shop=shop.name,
        language=shop.language,
        tz=ZoneInfo(shop.timezone),
    )


def _campaigns(store_id: str, now: datetime) -> tuple[Campaign, ...]:
    return (
        Campaign(
            id="cone-at-night",
            name="The cone at night",
            value=Gift(name="one ice cream cone"),
            window=Window(opens=time(22), closes=time(4)),
            stores=(store_id,),
            created_at=now,
        ),
        Campaign(
            id="welcome",
            name="Welcome",
            value=AmountOff(money=Money(amount=Decimal(5), currency=CURRENCY)),
            valid_until=datetime(now.year + 1, 1, 1, tzinfo=UTC),
            stores=(store_id,),
            created_at=now,
        ),
    )
