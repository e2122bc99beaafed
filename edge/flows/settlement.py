"""What a campaign gave away: issued, redeemed, reversed and worth, by store, channel and day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from edge.domain import Campaign, ForeignUse, Redemption, RedemptionState
from edge.errors import NotFound
from edge.flows.vouchers import batch_id_of
from edge.store import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementLine:
    """One store, channel and day of the store's clock.

    ``redeemed`` stands, with ``value`` in ``currency`` (empty where the till worked it out);
    ``reversed`` was undone on that day.
    """

    store_id: str
    channel: str
    day: date
    redeemed: int
    reversed: int
    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A campaign's report. ``issued`` counts vouchers by channel."""

    campaign: Campaign
    issued: dict[str, int]
    lines: list[SettlementLine]


@dataclass(slots=True)
class _Count:
    redeemed: int = 0
    reversed: int = 0
    value: Decimal = field(default_factory=Decimal)


def settle(reader: Reader, campaign_id: str, tz: ZoneInfo) -> Settlement:
    """The report as the books stand. Raises ``NotFound``."""
    campaign = reader.vouchers.campaign(campaign_id)
    if campaign is None:
        raise NotFound(f"there is no campaign {campaign_id}")
    channel_of, issued = _channels(reader, campaign_id)
    counts: defaultdict[tuple[str, str, date, str], _Count] = defaultdict(_Count)
    for use in reader.redemptions.of_campaign(campaign_id):
        _count(counts, use, channel_of(use.voucher_id), use.changed_at.astimezone(tz).date())
    for other in reader.redemptions.foreign_of_campaign(campaign_id):
        _count(counts, other, channel_of(other.voucher_id), other.at.astimezone(tz).date())
    lines = [
        SettlementLine(
            store_id=store_id,
            channel=channel,
            day=day,
            redeemed=count.redeemed,
            reversed=count.reversed,
            value=count.value,
            currency=currency,
        )
        for (store_id, channel, day, currency), count in sorted(counts.items())
    ]
    return Settlement(campaign=campaign, issued=dict(issued), lines=lines)


def _channels(reader: Reader, campaign_id: str) -> tuple[Callable[[str], str], Counter[str]]:
    """Where a voucher was given out, and how many in each channel."""
    issued: Counter[str] = Counter()
    batches = {batch.id: batch for batch in reader.vouchers.batches(campaign_id)}
    for batch in batches.values():
        issued[batch.channel] += batch.count
    alone = {}
    for row in reader.vouchers.issued_alone(campaign_id):
        alone[row.id] = row.channel
        issued[row.channel] += batch_id_of(row.id) not in batches

    def channel_of(voucher_id: str) -> str:
        batch = batches.get(batch_id_of(voucher_id))
        return batch.channel if batch else alone.get(voucher_id, "")

    return channel_of, issued


def _count(
    counts: defaultdict[tuple[str, str, date, str], _Count],
    use: Redemption | ForeignUse,
    channel: str,
    day: date,
) -> None:
    off = use.discount
    if use.state not in (RedemptionState.COMMITTED, RedemptionState.REVERSED):
        return
    count = counts[use.store_id, channel, day, off.currency if off else ""]
    if use.state is RedemptionState.REVERSED:
        count.reversed += 1
    else:
        count.redeemed += 1
        count.value += off.amount if off else 0
