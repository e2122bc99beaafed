"""What every command needs: its options, and the database in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import asyncpg
import typer

from hq import schema
from hq.schema import Connection

T = TypeVar("T")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="The reference headquarters.",
)
Dsn = Annotated[str, typer.Option(envvar="REGULARS_HQ_DSN", help="The PostgreSQL database.")]
Folder = Annotated[Path, typer.Option(help="Where the authority's keys live.")]


def run(dsn: str, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Do the work in one transaction, which is durable when this returns."""

    async def connected() -> T:
        connection = await asyncpg.connect(dsn, server_settings={"synchronous_commit": "on"})
        try:
            await schema.prepare(connection)
            async with connection.transaction():
                return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())
