"""Serve stores, and people where that is asked for, until ended."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from hq import authority
from hq import nats as through_nats
from hq.cli.console import Dsn, Folder, app
from hq.footfall.pulling import pulling
from hq.pages.server import serve as serve_pages
from hq.server import serve

LOOPBACK = ("127.0.0.1", "::1", "localhost")

Pages = Annotated[
    str | None, typer.Option(help="Serve the merchant's pages too, on HOST:PORT.", metavar="ADDR")
]
PagesOrigin = Annotated[
    str | None,
    typer.Option(
        envvar="REGULARS_HQ_ORIGIN",
        help="The address that people's browsers show where a proxy stands before the pages.",
    ),
]
PagesTls = Annotated[
    Path | None, typer.Option(help="A PEM file with key and certificate for the pages.")
]


@app.command(name="serve")
def serve_(
    dsn: Dsn,
    folder: Folder,
    host: str = "127.0.0.1",
    port: int = 9443,
    nats: Annotated[
        str | None, typer.Option(help="Serve through this NATS server too: nats://HOST:PORT")
    ] = None,
    pages: Pages = None,
    pages_origin: PagesOrigin = None,
    pages_tls: PagesTls = None,
) -> None:
    """Serve stores until ended, and people with --pages."""
    address = _address(pages, pages_tls) if pages else None

    async def forever() -> None:
        async with AsyncExitStack() as stack:
            door = serve(dsn, folder, authority.server_context(folder), host, port)
            typer.echo(f"serving stores on {host}:{await stack.enter_async_context(door)}")
            through: through_nats.Door | None = None
            if nats is not None:
                context = authority.client_context(folder)
                opened = partial(typer.echo, f"serving stores through {nats}")
                opening = through_nats.serve(nats, context, dsn, opened)
                through = await stack.enter_async_context(opening)
            await stack.enter_async_context(pulling(dsn, folder, through))
            if address is not None:
                front = serve_pages(dsn, *address, pages_origin, _tls(pages_tls))
                typer.echo(f"serving people at {await stack.enter_async_context(front)}")
            await asyncio.Event().wait()

    asyncio.run(forever())


def _address(pages: str, tls: Path | None) -> tuple[str, int]:
    """Host and port. In plain HTTP the pages are for this machine alone: a proxy, or a tunnel."""
    host, _, port = pages.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal():
        raise typer.BadParameter("--pages takes HOST:PORT, e.g. 127.0.0.1:9480")
    if tls is None and host not in LOOPBACK:
        raise typer.BadParameter(
            f"people on {host} need HTTPS: give --pages-tls, or serve on 127.0.0.1 behind a proxy"
        )
    return host, int(port)


def _tls(pair: Path | None) -> ssl.SSLContext | None:
    if pair is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(pair)
    return context
