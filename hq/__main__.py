"""``python -m hq``: make the authority, admit and revoke stores, withdraw, serve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import asyncpg
import typer

from edge.contract import HEADQUARTERS, MemberWithdrawn
from hq import authority, feed, schema
from hq.schema import Connection
from hq.server import serve

app = typer.Typer(add_completion=False, help="The reference headquarters.")
Dsn = Annotated[str, typer.Option(envvar="REGULARS_HQ_DSN", help="The PostgreSQL database.")]
Folder = Annotated[Path, typer.Option(help="Where the authority's keys live.")]


def _run(dsn: str, work: Callable[[Connection], Awaitable[None]]) -> None:
    async def connected() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await schema.prepare(connection)
            async with connection.transaction():
                await work(connection)
        finally:
            await connection.close()

    asyncio.run(connected())


@app.command()
def init(folder: Folder, host: str) -> None:
    """Make the authority, and the certificate for the name that stores call."""
    authority.make_authority(folder, host)


@app.command()
def admit(dsn: Dsn, folder: Folder, store_id: str, out: Path) -> None:
    """Admit a store; OUT is the folder to carry to its gateway."""
    fingerprint = authority.issue_store(folder, out, store_id)

    async def work(connection: Connection) -> None:
        await connection.execute(
            "INSERT INTO stores (id) VALUES ($1) ON CONFLICT DO NOTHING", store_id
        )
        await connection.execute(
            "INSERT INTO certificates (fingerprint, store_id) VALUES ($1, $2)",
            *(fingerprint, store_id),
        )

    _run(dsn, work)


@app.command()
def admit_all(dsn: Dsn, folder: Folder, stores: Path, out: Path) -> None:
    """Admit every store that the file STORES names, one id a line; each gets a folder in OUT."""
    names = stores.read_text(encoding="utf-8").split()
    issued = [(authority.issue_store(folder, out / name, name), name) for name in names]

    async def work(connection: Connection) -> None:
        await connection.executemany(
            "INSERT INTO stores (id) VALUES ($1) ON CONFLICT DO NOTHING", [(n,) for n in names]
        )
        await connection.executemany(
            "INSERT INTO certificates (fingerprint, store_id) VALUES ($1, $2)", issued
        )

    _run(dsn, work)


@app.command()
def revoke(dsn: Dsn, store_id: str) -> None:
    """Revoke every certificate of a store, from its next request on."""

    async def work(connection: Connection) -> None:
        await connection.execute(
            "UPDATE certificates SET revoked_at = now() WHERE store_id = $1 AND revoked_at IS NULL",
            store_id,
        )

    _run(dsn, work)


@app.command()
def withdraw(dsn: Dsn, member_id: str) -> None:
    """End face matching of a member in every store."""
    told = MemberWithdrawn(
        message_id=uuid4().hex,
        store_id=HEADQUARTERS,
        at=datetime.now(UTC),
        member_id=member_id,
    )
    _run(dsn, lambda connection: feed.append(connection, "withdrawals", [(member_id, told)]))


@app.command(name="serve")
def serve_(dsn: Dsn, folder: Folder, host: str = "127.0.0.1", port: int = 9443) -> None:
    """Serve stores until ended."""

    async def forever() -> None:
        async with serve(dsn, authority.server_context(folder), host, port) as bound:
            typer.echo(f"serving stores on {host}:{bound}")
            await asyncio.Event().wait()

    asyncio.run(forever())


if __name__ == "__main__":
    app()
