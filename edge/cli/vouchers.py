"""``regulars vouchers``: campaigns, their codes on paper and in files, reports, and keys."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from edge.cli.console import ConfigOption, JsonOption, done
from edge.config import load
from edge.domain import Language

app = typer.Typer(help="Vouchers: issue them, follow them, settle them.", no_args_is_help=True)
campaign = typer.Typer(help="Campaigns and their codes.", no_args_is_help=True)
keys = typer.Typer(help="The keys that sign vouchers.", no_args_is_help=True)
app.add_typer(campaign, name="campaign")
app.add_typer(keys, name="keys")

CampaignId = Annotated[str, typer.Argument(help="The campaign's `id`.")]
Out = Annotated[
    Path, typer.Option("--out", "-o", help="Where the codes go: a name in .csv or .pdf.")
]
Channel = Annotated[
    str, typer.Option(help="Where they are given out; reports tell channels apart.")
]
LanguageOption = Annotated[
    Language | None, typer.Option(help="Language of printed sheets; default: the shop's.")
]


@campaign.command()
def create(
    file: Annotated[Path, typer.Argument(help="The campaign, TOML.")], config: ConfigOption
) -> None:
    """Create a campaign; its terms stay as they are from then on."""
    from edge.app import utc_now
    from edge.cli import voucher_work as work
    from edge.flows.campaign_file import read_campaign

    found = read_campaign(file, utc_now())
    asyncio.run(work.create(load(config), found))
    done(f"campaign {found.id} is open: {found.name}")


@campaign.command()
def issue(
    campaign_id: CampaignId,
    config: ConfigOption,
    out: Out,
    count: Annotated[int, typer.Option(help="How many vouchers.", min=1)] = 1,
    channel: Channel = "",
    members: Annotated[
        Path | None, typer.Option(help="Who gets one: a card or phone number on each line.")
    ] = None,
    language: LanguageOption = None,
) -> None:
    """Issue vouchers into a file. Broken off, the same command goes on where it was."""
    from edge.cli import voucher_work as work

    work.demand_free(out)
    asyncio.run(work.issue(load(config), campaign_id, count, channel, members, out, language))


@campaign.command()
def word(
    campaign_id: CampaignId,
    code: Annotated[str, typer.Argument(help="The code that people type, e.g. SUMMER-26.")],
    config: ConfigOption,
    channel: Channel = "",
) -> None:
    """Issue one voucher under a word of your choice, for everybody who knows it."""
    from edge.cli import voucher_work as work

    asyncio.run(work.word(load(config), campaign_id, code, channel))
    done(f"{code} is a code of campaign {campaign_id}")


@campaign.command()
def export(
    batch_id: Annotated[str, typer.Argument(help="The batch, as `issue` and `list` name it.")],
    config: ConfigOption,
    out: Out,
    first: Annotated[int, typer.Option(help="The first voucher of a PDF.", min=1)] = 1,
    count: Annotated[int | None, typer.Option(help="How many, in a PDF.", min=1)] = None,
    language: LanguageOption = None,
) -> None:
    """Write the codes of a batch again: the same ones, as CSV or as sheets to print."""
    from edge.cli import voucher_work as work

    work.demand_free(out)
    asyncio.run(work.export(load(config), batch_id, out, first, count, language))


@campaign.command("list")
def list_campaigns(config: ConfigOption, as_json: JsonOption = False) -> None:
    """Campaigns and their batches."""
    from edge.cli import voucher_work as work

    asyncio.run(work.list_campaigns(load(config), as_json=as_json))


@campaign.command()
def end(campaign_id: CampaignId, config: ConfigOption) -> None:
    """End a campaign: none of its vouchers holds any longer."""
    from edge.cli import voucher_work as work

    asyncio.run(work.end(load(config), campaign_id))
    done(f"campaign {campaign_id} has ended")


@campaign.command()
def report(
    campaign_id: CampaignId,
    config: ConfigOption,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the lines as CSV.")] = False,
) -> None:
    """What a campaign gave away, by store, channel and day."""
    from edge.cli import voucher_work as work

    asyncio.run(work.report(load(config), campaign_id, as_json=as_json, as_csv=as_csv))


@app.command()
def life(
    code: Annotated[str, typer.Argument(help="A code in any form, or a voucher's id.")],
    config: ConfigOption,
    as_json: JsonOption = False,
) -> None:
    """A voucher's life on one page: what happened to it, by whom, where."""
    from edge.cli import voucher_work as work

    asyncio.run(work.life(load(config), code, as_json=as_json))


@keys.command("list")
def list_keys(config: ConfigOption, as_json: JsonOption = False) -> None:
    """The keys, what they signed, and until when they are needed."""
    from edge.cli import voucher_work as work

    asyncio.run(work.keys(load(config), as_json=as_json))


@keys.command()
def rotate(config: ConfigOption) -> None:
    """Sign with a new key from now on; what the old ones signed goes on holding."""
    from edge.cli import voucher_work as work

    done(f"key {asyncio.run(work.rotate(load(config)))} signs from now on")


@keys.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id.")],
    config: ConfigOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Revoke a key that got into other hands: nothing it signed holds any longer."""
    from edge.cli import voucher_work as work

    if not yes:
        typer.confirm(f"Every voucher signed with {key_id} ends now. Go on?", abort=True)
    asyncio.run(work.revoke(load(config), key_id))
    done(f"key {key_id} is revoked; digits of its vouchers still hold: end the campaign if not")
