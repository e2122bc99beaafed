"""Invite people to the merchant's pages, and dismiss them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from hq import people
from hq.cli.console import Dsn, app, run

Origin = Annotated[
    str,
    typer.Option(
        envvar="REGULARS_HQ_ORIGIN",
        help="The address that people's browsers show, e.g. https://hq.example.com.",
    ),
]
DEFAULT_ORIGIN = "http://127.0.0.1:9480"


@app.command()
def invite(dsn: Dsn, name: str, origin: Origin = DEFAULT_ORIGIN) -> None:
    """Print a link that lets NAME in; it works once, within a day."""
    code = run(dsn, lambda connection: people.invite(connection, name, datetime.now(UTC)))
    typer.echo(f"{origin.rstrip('/')}/sign-in#{code}")


@app.command()
def dismiss(dsn: Dsn, name: str) -> None:
    """End what NAME may see, on every browser, from the next request on."""
    if not run(dsn, lambda connection: people.dismiss(connection, name, datetime.now(UTC))):
        typer.echo(f"nobody is invited under the name {name!r}", err=True)
        raise typer.Exit(1)
