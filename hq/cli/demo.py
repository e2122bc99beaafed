"""An invented past, for demonstrations."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from hq import demo
from hq.cli.console import Dsn, app, run


@app.command()
def invent(dsn: Dsn, stores: list[str]) -> None:
    """Give STORES of the invented chain a year of members and weeks of their doors.

    For a database that holds nothing yet.
    """
    shops = tuple(shop for shop in demo.SHOPS if shop.id in stores)
    if len(shops) != len(stores):
        known = ", ".join(shop.id for shop in demo.SHOPS)
        raise typer.BadParameter(f"stores of the invented chain are: {known}")
    now = datetime.now(UTC)
    run(dsn, lambda connection: demo.fill(connection, demo.invent(now, shops), now))
