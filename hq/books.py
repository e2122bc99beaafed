"""The books: which stores belong to the chain, by which certificates they are known, and what
was refused of them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.contract import HEADQUARTERS, Code
from hq import authority, settings
from hq.problems import Refused
from hq.schema import Connection

STORE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")  # as in a gateway's configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """How often something of a store was refused for one reason, and when last."""

    store_id: str
    code: str
    times: int
    last_at: datetime


async def admit(connection: Connection, folder: Path, store_id: str, out: Path) -> None:
    """Admit a store; ``out`` becomes the folder to carry to it. Blocks while the key is made.

    Raises ``ValueError`` for an id that no store can have.
    """
    if not STORE_ID.fullmatch(store_id) or store_id == HEADQUARTERS:
        raise ValueError(
            f"{store_id!r} cannot be a store's id: take at most 40 small letters, digits and "
            "hyphens, as in store.id of its configuration"
        )
    issued = authority.issue_store(folder, out, store_id)
    await connection.execute("INSERT INTO stores (id) VALUES ($1) ON CONFLICT DO NOTHING", store_id)
    await enter(connection, store_id, issued)
    if await settings.any_for(connection, store_id):
        await settings.tell(connection, store_id)


async def enter(connection: Connection, store_id: str, issued: authority.Issued) -> None:
    """Enter a certificate that a store of the chain was given."""
    await connection.execute(
        "INSERT INTO certificates (fingerprint, name, store_id) VALUES ($1, $2, $3)",
        *(issued.fingerprint, issued.name, store_id),
    )


async def revoke(connection: Connection, store_id: str) -> None:
    """Revoke every certificate of a store."""
    await connection.execute(
        "UPDATE certificates SET revoked_at = now() WHERE store_id = $1 AND revoked_at IS NULL",
        store_id,
    )


async def store_of(connection: Connection, *, fingerprint: str = "", name: str = "") -> str:
    """Whose certificate it is. Raises ``Refused`` where it is unknown, or was revoked."""
    row = await connection.fetchrow(
        "SELECT store_id, revoked_at FROM certificates WHERE fingerprint = $1 OR name = $2",
        *(fingerprint, name),
    )
    if row is None:
        raise Refused(403, Code.STORE_UNKNOWN, "this certificate is not in the books")
    if row["revoked_at"] is not None:
        await count_refusal(connection, row["store_id"], Code.STORE_REVOKED)
        raise Refused(403, Code.STORE_REVOKED, "this certificate was revoked")
    return str(row["store_id"])


async def in_force(connection: Connection) -> list[tuple[str, str]]:
    """Store and name of each certificate that holds."""
    rows = await connection.fetch(
        "SELECT store_id, name FROM certificates WHERE revoked_at IS NULL AND name IS NOT NULL "
        "ORDER BY store_id, name"
    )
    return [(row["store_id"], row["name"]) for row in rows]


async def count_refusal(connection: Connection, store_id: str, code: Code) -> None:
    """Count what was refused as a whole; single messages wait in quarantine."""
    await connection.execute(
        "INSERT INTO refusals (store_id, code, times, last_at) VALUES ($1, $2, 1, now()) "
        "ON CONFLICT (store_id, code) DO UPDATE SET times = refusals.times + 1, last_at = now()",
        *(store_id, code),
    )


async def refusals(connection: Connection) -> list[Refusals]:
    """What was refused as a whole, the latest first."""
    rows = await connection.fetch("SELECT * FROM refusals ORDER BY last_at DESC, store_id, code")
    return [Refusals(**row) for row in rows]


@asynccontextmanager
async def counting(connection: Connection, store_id: str) -> AsyncIterator[None]:
    """Count what is refused of a store meanwhile."""
    try:
        yield
    except Refused as refused:
        await count_refusal(connection, store_id, refused.problem.code)
        raise
