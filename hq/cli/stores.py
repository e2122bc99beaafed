"""Make the authority, admit and revoke stores."""

from __future__ import annotations

from pathlib import Path

from hq import authority
from hq.cli.console import Dsn, Folder, app, run
from hq.schema import Connection


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

    run(dsn, work)


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

    run(dsn, work)


@app.command()
def revoke(dsn: Dsn, store_id: str) -> None:
    """Revoke every certificate of a store, from its next request on."""

    async def work(connection: Connection) -> None:
        await connection.execute(
            "UPDATE certificates SET revoked_at = now() WHERE store_id = $1 AND revoked_at IS NULL",
            store_id,
        )

    run(dsn, work)
