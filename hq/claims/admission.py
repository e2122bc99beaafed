"""A machine shows a claim and is given its store's certificate, once.

One transaction reads the claim under a lock, signs and writes down for which key: of two machines
that come at once, one is given a certificate. Who asks again with the same key, because the answer
was lost, is given the same one.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import asyncpg
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.contract import Admitted, Code
from hq import authority, books, settings
from hq.claims.making import State, state_of
from hq.problems import Refused
from hq.schema import Connection

_SAID: dict[State, tuple[Code, str]] = {
    "used": (Code.CLAIM_USED, "another machine has used this claim"),
    "revoked": (Code.CLAIM_REVOKED, "this claim was taken back"),
    "expired": (Code.CLAIM_EXPIRED, "this claim is over"),
}


async def admit(
    connection: Connection, folder: Path, admission: str, request: str, now: datetime
) -> Admitted:
    """Admit whoever holds the admission certificate with this SHA-256 and asks with ``request``.

    In a transaction of the caller's. Raises ``Refused``.
    """
    used_by = _key_of(request)
    claim = await connection.fetchrow(
        "SELECT * FROM claims WHERE admission = $1 FOR UPDATE", admission
    )
    if claim is None:
        raise Refused(403, Code.CLAIM_UNKNOWN, "this certificate is no claim's")
    if claim["used_by"] == used_by:
        return Admitted(store_id=claim["store_id"], certificate=claim["certificate"])
    state = state_of(claim["used_at"], claim["revoked_at"], claim["expires_at"], now)
    if state == "open" and await _holds_another(connection, claim["store_id"]):
        state = "used"  # the store was admitted by hand meanwhile
    if state != "open":
        raise Refused(403, *_SAID[state])
    return await _sign(connection, folder, claim, request, used_by, now)


async def note_refusal(
    connection: Connection, admission: str, refused: Refused, now: datetime
) -> None:
    """Write down that a machine came with a claim and was not admitted: somebody waits for it."""
    if refused.problem.code in {code for code, _ in _SAID.values()}:
        await connection.execute(
            "UPDATE claims SET refused_at = $2, refused = $3 WHERE admission = $1",
            *(admission, now, refused.problem.code),
        )


def _key_of(request: str) -> bytes:
    try:
        key = authority.requested(request)
    except ValueError as error:
        raise Refused(400, Code.MALFORMED, f"no signing request of use: {error}"[:400]) from error
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


async def _holds_another(connection: Connection, store_id: str) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM certificates WHERE store_id = $1 AND revoked_at IS NULL)",
            store_id,
        )
    )


async def _sign(
    connection: Connection,
    folder: Path,
    claim: asyncpg.Record,
    request: str,
    used_by: bytes,
    now: datetime,
) -> Admitted:
    store_id = claim["store_id"]
    pem, issued = await asyncio.to_thread(authority.certify_store, folder, request, store_id)
    await connection.execute(
        "INSERT INTO stores (id, name) VALUES ($1, $2) "
        "ON CONFLICT (id) DO UPDATE SET name = coalesce(stores.name, excluded.name)",
        *(store_id, claim["name"]),
    )
    await books.enter(connection, store_id, issued)
    await connection.execute(
        "UPDATE claims SET used_at = $2, used_by = $3, certificate = $4 WHERE id = $1",
        *(claim["id"], now, used_by, pem),
    )
    if await settings.any_for(connection, store_id):
        await settings.tell(connection, store_id)
    return Admitted(store_id=store_id, certificate=pem)
