"""Take everything along."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from hq import export, schema
from hq.cli.console import Dsn, app

MIB = 2**20


@app.command(name="export")
def export_(
    dsn: Dsn,
    folder: Path,
    form: Annotated[
        export.Format, typer.Option("--format", help="csv, or jsonl: a JSON object a line.")
    ] = "csv",
) -> None:
    """Write every table into a new FOLDER, as they stand at this moment."""

    async def work() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await schema.prepare(connection)
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                async for exported in export.tables(connection, folder, form):
                    _show(exported)
        finally:
            await connection.close()

    asyncio.run(work())
    typer.echo(f"{folder} is whole: manifest.json says what is in it")


def _show(exported: export.Exported) -> None:
    """One line for each table; on a terminal it stands there while the table is being written."""
    if exported.rows is None:
        if sys.stderr.isatty():
            typer.echo(f"{exported.table} …\r", nl=False, err=True)
        return
    typer.echo(
        f"{exported.table}: {exported.rows:,} rows, {exported.size / MIB:,.1f} MiB", err=True
    )
