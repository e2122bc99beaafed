"""``regulars members``, ``catalogue``, ``audit``, ``templates``, ``config``: what a shop keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge import config as configuration
from edge.cli.console import ConfigOption, JsonOption, done, print_json, progress, warn
from edge.domain import AuditEntry

if TYPE_CHECKING:
    from edge.flows.importing import ImportStep

members = typer.Typer(help="Bring members in.", no_args_is_help=True)
catalogue = typer.Typer(help="Bring in what the shop sells.", no_args_is_help=True)
audit = typer.Typer(help="Check the audit log.", no_args_is_help=True)
templates = typer.Typer(help="Look after the face templates.", no_args_is_help=True)
config = typer.Typer(help="Check the configuration.", no_args_is_help=True)


@members.callback()
def _members() -> None:
    """Bring members in."""


@members.command("import")
def import_members(
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines, UTF-8.")],
    config: ConfigOption,
    as_json: JsonOption = False,
) -> None:
    """Import members; refused lines are named with the reason, the rest come in."""
    from edge.flows.imports import import_file

    asyncio.run(_import(import_file, "members", file, configuration.load(config), as_json))


@catalogue.callback()
def _catalogue() -> None:
    """Bring in what the shop sells."""


@catalogue.command("import")
def import_products(
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines, UTF-8; a variant each line.")],
    config: ConfigOption,
    as_json: JsonOption = False,
) -> None:
    """Import products and their sizes; refused lines are named, the rest come in."""
    from edge.flows.catalogue_import import import_catalogue

    asyncio.run(_import(import_catalogue, "variants", file, configuration.load(config), as_json))


@audit.callback()
def _audit() -> None:
    """Check the audit log."""


@audit.command()
def verify(config: ConfigOption) -> None:
    """Walk the hash chain of the audit log and check every signature."""
    checked, gaps = asyncio.run(_verify(configuration.load(config)))
    done(f"{checked} audit entries are whole, in order and signed by this gateway")
    for gap in gaps:
        warn(f"entry {gap.sequence}, {gap.at:%Y-%m-%d %H:%M} UTC", f"the log was cut: {gap.reason}")


@templates.callback()
def _templates() -> None:
    """Look after the face templates."""


@templates.command()
def renew(config: ConfigOption) -> None:
    """Rotate every template under a new secret; stolen ones become worthless."""
    renewed = asyncio.run(_renew(configuration.load(config)))
    done(f"{renewed} templates are rotated under a new secret")


@config.command()
def check(file: Annotated[Path, typer.Argument(help="The configuration file.")]) -> None:
    """Say whether a configuration can be used, and what it would do."""
    shop = configuration.load(file)
    done(f"{file} can be used: {shop.store.name}, {len(shop.cameras)} cameras")
    because = shop.privacy.why_off()
    if because is None:
        done("Face matching is on")
    else:
        warn("Face matching is off", because)


@config.command()
def reference() -> None:
    """Print every key with its default, as Markdown."""
    typer.echo(configuration.reference(), nl=False)


async def _import(
    take: Callable[..., AsyncIterator[ImportStep]],
    what: str,
    file: Path,
    shop: configuration.Config,
    as_json: bool,
) -> None:
    from edge.app import utc_now
    from edge.store import Store

    counts = {"created": 0, "updated": 0, "unchanged": 0, "refused": 0}
    async with Store.open(Path(shop.store.state_dir), utc_now) as store:
        with progress(of_bytes=True) as report:
            async for step in take(store, file, utc_now, store_id=shop.store.id):
                report(what.capitalize(), step.bytes_read, step.bytes_total)
                counts |= {
                    "created": step.created,
                    "updated": step.updated,
                    "unchanged": step.unchanged,
                    "refused": counts["refused"] + len(step.refused),
                }
                for line in step.refused:
                    warn(f"line {line.line}", line.reason)
    if as_json:
        print_json(counts)
    done(
        f"{counts['created']} new {what}, {counts['updated']} updated, "
        f"{counts['unchanged']} as they were; {counts['refused']} lines refused"
    )


async def _verify(shop: configuration.Config) -> tuple[int, list[AuditEntry]]:
    from edge.app import utc_now
    from edge.store import Store

    async with Store.open(Path(shop.store.state_dir), utc_now) as store:
        return await store.read(lambda reader: (reader.audit.verify(), reader.audit.gaps()))


async def _renew(shop: configuration.Config) -> int:
    from edge.app import sole_use, utc_now
    from edge.store import Store

    state_dir = Path(shop.store.state_dir)
    with sole_use(state_dir):
        async with Store.open(state_dir, utc_now) as store:
            return await store.renew_rotation()
