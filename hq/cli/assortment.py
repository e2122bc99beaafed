"""What headquarters gives the stores: catalogue, campaigns, keys, leases, configuration."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from edge.contract import Setting, VoucherKeyKnown
from hq import campaigns, catalogue, feed, leases, settings
from hq.cli.console import Dsn, app, run
from hq.envelope import envelope

_campaign = typer.Typer(help="Campaigns of the chain.", no_args_is_help=True)
_catalogue = typer.Typer(help="What the chain sells.", no_args_is_help=True)
_keys = typer.Typer(help="Keys that sign the chain's vouchers.", no_args_is_help=True)
_lease = typer.Typer(help="What a store may give away alone.", no_args_is_help=True)
_settings = typer.Typer(help="Keys of the stores' configuration.", no_args_is_help=True)
for _name, _sub in (
    ("campaign", _campaign),
    ("catalogue", _catalogue),
    ("key", _keys),
    ("lease", _lease),
    ("setting", _settings),
):
    app.add_typer(_sub, name=_name)
Store = Annotated[str | None, typer.Option(help="One store; without, every store.")]


@_campaign.command("tell")
def tell_campaign(dsn: Dsn, file: Path) -> None:
    """Tell every store of the campaign in FILE, and share its total out as leases."""
    campaign_id, terms = campaigns.read(file)
    run(dsn, lambda connection: campaigns.tell(connection, campaign_id, terms))


@_campaign.command("end")
def end_campaign(dsn: Dsn, campaign_id: str) -> None:
    """End a campaign in every store."""
    run(dsn, lambda connection: campaigns.end(connection, campaign_id))


@_catalogue.command("tell")
def tell_catalogue(dsn: Dsn, file: Path) -> None:
    """Tell every store of the products in FILE (CSV, as a store imports it)."""
    products = catalogue.read(file)
    run(dsn, lambda connection: catalogue.tell(connection, products))
    typer.echo(f"{len(products)} products are on their way")


@_keys.command("tell")
def tell_key(dsn: Dsn, key_id: str, public: str) -> None:
    """Let every store take vouchers that a store's key signs; PUBLIC is its public half."""
    known = VoucherKeyKnown(key_id=key_id, public=public, **envelope())
    run(dsn, lambda connection: feed.append(connection, "changes", [(f"key:{key_id}", known)]))


@_lease.command("grant")
def grant_lease(
    dsn: Dsn,
    campaign_id: str,
    store_id: str,
    uses: Annotated[int, typer.Option(min=1)],
    voucher: Annotated[str | None, typer.Option(help="Of this voucher alone.")] = None,
    budget: Annotated[str | None, typer.Option(help="Most that it takes off, e.g. 500.00.")] = None,
    currency: Annotated[str | None, typer.Option(help="The budget's currency, e.g. EUR.")] = None,
    hours: Annotated[int, typer.Option(min=1, max=24 * 90)] = 24,
    renew: Annotated[bool, typer.Option(help="Renew it as long as the campaign goes on.")] = True,
) -> None:
    """Let a store give away USES of a campaign alone, for HOURS after it was last told so."""
    lease = leases.Lease(
        id=leases.new_id(),
        campaign_id=campaign_id,
        store_id=store_id,
        uses=uses,
        voucher_id=voucher,
        budget=Decimal(budget) if budget is not None else None,
        currency=currency,
        lasts=timedelta(hours=hours),
        renews=renew,
    )
    run(dsn, lambda connection: leases.grant(connection, [lease]))
    typer.echo(lease.id)


@_settings.command("set")
def set_(dsn: Dsn, key: str, value: str, store: Store = None) -> None:
    """Set a key of the configuration; it holds from a store's next start on."""
    run(dsn, lambda db: settings.put(db, Setting(key=key, value=value), store))


@_settings.command("drop")
def drop(dsn: Dsn, key: str, store: Store = None) -> None:
    """Leave a key to the stores' own files again."""
    run(dsn, lambda db: settings.drop(db, key, store))
