"""Serve stores until ended."""

from __future__ import annotations

import asyncio

import typer

from hq import authority
from hq.cli.console import Dsn, Folder, app
from hq.server import serve


@app.command(name="serve")
def serve_(dsn: Dsn, folder: Folder, host: str = "127.0.0.1", port: int = 9443) -> None:
    """Serve stores until ended."""

    async def forever() -> None:
        async with serve(dsn, authority.server_context(folder), host, port) as bound:
            typer.echo(f"serving stores on {host}:{bound}")
            await asyncio.Event().wait()

    asyncio.run(forever())
