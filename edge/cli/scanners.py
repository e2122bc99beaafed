"""``regulars scanners``: which are plugged in, and what one of them gives."""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from edge.cli.console import ConfigOption, JsonOption, console, print_json, warn
from edge.config import Config, ScannerConfig, load
from edge.domain import Scan, ScannerState, ScannerStatus
from edge.errors import NotFound

if TYPE_CHECKING:
    from edge.scanner.plugged import Plugged

app = typer.Typer(help="The shop's scanners.", no_args_is_help=True)


@app.command("list")
def list_plugged(as_json: JsonOption = False) -> None:
    """What is plugged in and may be a scanner, with the source to put into the configuration."""
    from edge.scanner.plugged import plugged

    found = plugged()
    if as_json:
        print_json({"devices": [asdict(device) for device in found]})
    elif found:
        console.print(_table(found))
    else:
        warn("Nothing found", "plug a scanner in; network scanners are not listed")


@app.command("test")
def try_out(
    scanner_id: Annotated[str, typer.Argument(help="The scanner's `id` in the configuration.")],
    config: ConfigOption,
    as_json: JsonOption = False,
) -> None:
    """Show what a scanner gives, code by code, until Ctrl-C. Stop the gateway first."""
    from edge import log

    log.configure(least=logging.WARNING)
    shop = load(config)
    asyncio.run(_listen(_chosen(shop, scanner_id), shop, as_json=as_json))


def _chosen(config: Config, scanner_id: str) -> ScannerConfig:
    for scanner in config.scanners:
        if scanner.id == scanner_id:
            return scanner
    known = ", ".join(scanner.id for scanner in config.scanners) or "none"
    raise NotFound(f"there is no scanner {scanner_id!r} in the configuration; it has: {known}")


async def _listen(scanner: ScannerConfig, config: Config, *, as_json: bool) -> None:
    from edge.app import utc_now
    from edge.scanner.client import Scanners

    async def scanned(scan: Scan) -> None:
        _show(scan, as_json=as_json)

    stop = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, stop.set)
    async with Scanners(
        [scanner],
        budget_s=config.codes.budget_ms / 1000,
        clock=utc_now,
        on_scan=scanned,
        on_states=_say_states,
    ):
        await stop.wait()


def _say_states(states: tuple[ScannerState, ...]) -> None:
    for state in states:
        if state.status is ScannerStatus.READY:
            console.print(f"[bold green]{state.scanner_id}[/] is ready: scan something")
        else:
            warn(state.scanner_id, state.detail or state.status.value)


def _show(scan: Scan, *, as_json: bool) -> None:
    if as_json:
        print_json({"text": scan.text, "symbology": scan.symbology.value, "aim_id": scan.aim_id})
        return
    visible = "".join(c if c.isprintable() else f"<{ord(c):02X}>" for c in scan.text)
    typer.echo(f"{scan.symbology.value:16}{scan.aim_id:6}{visible}")


def _table(found: list[Plugged]) -> Table:
    table = Table("kind", "source", "name", box=None)
    for device in found:
        table.add_row(device.kind.value, device.source, device.name)
    return table
