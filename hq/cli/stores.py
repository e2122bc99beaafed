"""Make the authority, admit and revoke stores, and keep a NATS server's users in line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hq import authority, books, broker
from hq.cli.console import Dsn, Folder, app, run
from hq.footfall import put_address
from hq.schema import Connection

Address = Annotated[
    str | None, typer.Option(help="Pull its aggregated visits from https://HOST:PORT, or by nats:")
]


@app.command()
def init(folder: Folder, host: str) -> None:
    """Make the authority, and the certificate for the name that stores call."""
    authority.make_authority(folder, host)


@app.command()
def admit(dsn: Dsn, folder: Folder, store_id: str, out: Path, address: Address = None) -> None:
    """Admit a store; OUT is the folder to carry to its gateway."""
    _admit(dsn, folder, {store_id: out})
    if address is not None:
        address_(dsn, store_id, address)


@app.command(name="address")
def address_(dsn: Dsn, store_id: str, address: str) -> None:
    """Pull a store's aggregated visits from ADDRESS: https://HOST:PORT, or nats:"""

    async def work(connection: Connection) -> None:
        try:
            await put_address(connection, store_id, address)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error

    run(dsn, work)


@app.command()
def admit_all(dsn: Dsn, folder: Folder, stores: Path, out: Path) -> None:
    """Admit every store that the file STORES names, one id a line; each gets a folder in OUT."""
    names = stores.read_text(encoding="utf-8").split()
    _admit(dsn, folder, {name: out / name for name in names})


def _admit(dsn: str, folder: Path, stores: dict[str, Path]) -> None:
    async def work(connection: Connection) -> None:
        for store_id, out in stores.items():
            try:
                await books.admit(connection, folder, store_id, out)
            except ValueError as error:
                raise typer.BadParameter(str(error)) from error
        await broker.write_users(connection, folder)

    run(dsn, work)
    _say_how_to_tell(folder)


@app.command()
def revoke(dsn: Dsn, folder: Folder, store_id: str) -> None:
    """Revoke every certificate of a store, from its next request on."""

    async def work(connection: Connection) -> None:
        await books.revoke(connection, store_id)
        await broker.write_users(connection, folder)

    run(dsn, work)
    _say_how_to_tell(folder)


@app.command()
def nats_config(dsn: Dsn, folder: Folder, host: str, port: int = 4222) -> None:
    """Write what a NATS server needs to serve stores under HOST, from the books."""

    async def work(connection: Connection) -> None:
        await broker.write(connection, folder, host, port)

    run(dsn, work)
    typer.echo(f"start it with: nats-server -c {broker.config_of(folder)}")


def _say_how_to_tell(folder: Path) -> None:
    if broker.config_of(folder).exists():
        typer.echo(f"a NATS server that runs has to hear of it: {broker.reload_command(folder)}")


@app.command()
def name(dsn: Dsn, store_id: str, called: str) -> None:
    """Name a store as the merchant's pages show it."""

    async def work(connection: Connection) -> None:
        await connection.execute("UPDATE stores SET name = $2 WHERE id = $1", store_id, called)

    run(dsn, work)
