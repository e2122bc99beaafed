"""How campaigns, settlements, lives and keys look: as tables, CSV or JSON."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from edge.cli.console import print_json
from edge.clienteling_api.wire.vouchers import VoucherLife
from edge.config import Config
from edge.domain import Batch, Campaign
from edge.flows.settlement import Settlement, SettlementLine
from edge.flows.voucher_keys import KeyState

Listed = tuple[Campaign, list[Batch]]
_out = Console(highlight=False)


def _table(*columns: str) -> Table:
    """Without lines, and with nothing cut off that somebody has to copy."""
    table = Table(box=None)
    for column in columns:
        table.add_column(column, no_wrap=column in ("batch", "key", "public", "when"))
    return table


def show_campaigns(listed: list[Listed], *, as_json: bool) -> None:
    """Each campaign with its batches."""
    if as_json:
        print_json(
            {"campaigns": [{**_plain(c), "batches": [_plain(b) for b in bs]} for c, bs in listed]}
        )
        return
    table = _table("campaign", "name", "batch", "vouchers", "channel", "issued", "file")
    for campaign, batches in listed:
        table.add_row(campaign.id, campaign.name, "", "", "", "", _state(campaign))
        for batch in batches:
            table.add_row(
                "",
                "",
                batch.id,
                f"{batch.count:,}",
                batch.channel,
                f"{batch.issued_at:%Y-%m-%d %H:%M}",
                "written" if batch.written_at else "broken off",
            )
    _out.print(table)


def show_settlement(settled: Settlement, *, as_json: bool, as_csv: bool) -> None:
    """The settlement report."""
    if as_json:
        print_json(
            {
                "campaign_id": settled.campaign.id,
                "campaign": settled.campaign.name,
                "issued": settled.issued,
                "redeemed": sum(line.redeemed for line in settled.lines),
                "reversed": sum(line.reversed for line in settled.lines),
                "value": _values(settled.lines),
                "lines": [_plain(line) for line in settled.lines],
            }
        )
    elif as_csv:
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["campaign_id", *SettlementLine.__slots__])
        for line in settled.lines:
            rows.writerow([settled.campaign.id, *asdict(line).values()])
        typer.echo(text.getvalue(), nl=False)
    else:
        _out.print(_settlement(settled))


def show_life(life: VoucherLife, shop: Config, *, as_json: bool) -> None:
    """One voucher's events in their order, on the shop's clock."""
    if as_json:
        print_json(_plain(life))
        return
    tz = ZoneInfo(shop.store.timezone)
    table = _table("when", "what", "by", "device", "store", "took off")
    table.title = f"{life.voucher_id}  {life.campaign}  {life.channel}"
    for event in life.events:
        off = event.discount
        table.add_row(
            f"{event.at.astimezone(tz):%Y-%m-%d %H:%M:%S}",
            event.what,
            event.by,
            event.device,
            event.store_id,
            f"{off.currency} {off.amount:f}" if off else "",
        )
    _out.print(table)


def show_keys(keys: list[KeyState], *, as_json: bool) -> None:
    """The keys; their public halves are for whoever else verifies."""
    if as_json:
        print_json({"keys": [_key(state) for state in keys]})
        return
    table = _table("key", "state", "made", "vouchers", "needed until", "public")
    for state in keys:
        table.add_row(
            state.key.id,
            _key_word(state),
            _day(state.key.created_at),
            f"{state.vouchers:,}",
            _day(state.needed_until) or ("always" if state.vouchers else ""),
            state.key.public.hex(),
        )
    _out.print(table)


def _settlement(settled: Settlement) -> Table:
    table = _table("store", "channel", "day", "redeemed", "reversed", "value")
    issued = ", ".join(f"{n:,} {channel or 'without channel'}" for channel, n in _sorted(settled))
    table.title = f"{settled.campaign.name}: issued {issued or 'none'}"
    for line in settled.lines:
        table.add_row(
            line.store_id,
            line.channel,
            line.day.isoformat(),
            f"{line.redeemed:,}",
            f"{line.reversed:,}",
            f"{line.currency} {line.value:f}".strip(),
        )
    values = ", ".join(f"{currency} {value}" for currency, value in _values(settled.lines).items())
    table.add_section()
    table.add_row(
        "all",
        "",
        "",
        f"{sum(line.redeemed for line in settled.lines):,}",
        f"{sum(line.reversed for line in settled.lines):,}",
        values,
    )
    return table


def _sorted(settled: Settlement) -> list[tuple[str, int]]:
    return sorted(settled.issued.items())


def _values(lines: list[SettlementLine]) -> dict[str, str]:
    """What was taken off, by currency."""
    currencies = {line.currency for line in lines if line.currency}
    return {
        currency: f"{sum(line.value for line in lines if line.currency == currency):f}"
        for currency in sorted(currencies)
    }


def _key(state: KeyState) -> dict[str, Any]:
    return {
        "id": state.key.id,
        "state": _key_word(state),
        "public": state.key.public.hex(),
        "created_at": _plain(state.key.created_at),
        "vouchers": state.vouchers,
        "needed_until": _plain(state.needed_until),
    }


def _key_word(state: KeyState) -> str:
    if state.revoked_at is not None:
        return "revoked"
    return "signs" if state.signs else "verifies"


def _state(campaign: Campaign) -> str:
    return "ended" if campaign.ended_at else ""


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else ""


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value)
