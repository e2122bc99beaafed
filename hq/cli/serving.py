"""Serve stores until ended."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from typing import Annotated

import typer

from hq import authority
from hq import nats as through_nats
from hq.cli.console import Dsn, Folder, app
from hq.footfall.pulling import pulling
from hq.server import serve


@app.command(name="serve")
def serve_(
    dsn: Dsn,
    folder: Folder,
    host: str = "127.0.0.1",
    port: int = 9443,
    nats: Annotated[
        str | None, typer.Option(help="Serve through this NATS server too: nats://HOST:PORT")
    ] = None,
) -> None:
    """Serve stores until ended."""

    async def forever() -> None:
        async with AsyncExitStack() as stack:
            door = serve(dsn, authority.server_context(folder), host, port)
            typer.echo(f"serving stores on {host}:{await stack.enter_async_context(door)}")
            through: through_nats.Door | None = None
            if nats is not None:
                context = authority.client_context(folder)
                opened = partial(typer.echo, f"serving stores through {nats}")
                opening = through_nats.serve(nats, context, dsn, opened)
                through = await stack.enter_async_context(opening)
            await stack.enter_async_context(pulling(dsn, folder, through))
            await asyncio.Event().wait()

    asyncio.run(forever())
