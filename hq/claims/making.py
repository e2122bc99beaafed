"""Make claims, list them, take them back.

The database holds no secret of a claim: it knows the certificate that the file carries by its
SHA-256, and the key to it is in the file alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import tomlkit

from edge.contract import HEADQUARTERS, ClaimedStore, StoreClaim
from edge.contract.store_claim import with_signature
from hq import authority
from hq.claims import first_manager
from hq.problems import Mistake
from hq.schema import Connection

State = Literal["open", "used", "expired", "revoked"]
_LOCK = 7_201_002  # any number of our own: lists that are made at once do not name a store twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What all claims of a list have in common: where the stores go, and until when."""

    admissions: str
    url: str
    expires_at: datetime
    first_manager: bool = False
    """Whether a page comes with each claim that pairs the first manager's phone."""


class Made(NamedTuple):
    """``code`` pairs the first manager's phone, where a page was asked for; the claim has its
    hash.
    """

    store: ClaimedStore
    file: bytes
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A claim as the books have it.

    ``contact_at`` is when its store was last heard of since the claim was used; ``refused_at`` when
    a machine last came with the claim and was not admitted, and ``refused`` the code that says why.
    """

    claim_id: str
    store_id: str
    name: str
    state: State
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    contact_at: datetime | None
    refused_at: datetime | None
    refused: str | None


async def make(
    connection: Connection,
    folder: Path,
    stores: Sequence[ClaimedStore],
    terms: Terms,
    now: datetime,
    made: Callable[[int], None] = lambda count: None,
) -> list[Made]:
    """A claim for each store. Blocks while keys are made; ``made`` hears how many are.

    Raises ``Mistake`` where a store is in the chain already, or has a claim that is still open.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    await _look_first(connection, [store.id for store in stores], now)
    files, rows = [], []
    for count, store in enumerate(stores, 1):
        admission, fingerprint = authority.issue_admission(folder)
        code = first_manager.new_code() if terms.first_manager else None
        claim = StoreClaim(
            claim_id=os.urandom(16).hex(),
            expires_at=terms.expires_at,
            admissions=terms.admissions,
            url=terms.url,
            authority=authority.certificate_of(folder),
            admission=admission,
            first_manager=None if code is None else first_manager.digest(code),
            store=store,
        )
        body = _text(claim)
        files.append(Made(store, with_signature(body, authority.sign(folder, body)), code))
        rows.append((claim.claim_id, store.id, store.name, fingerprint, now, terms.expires_at))
        made(count)
    await connection.executemany(
        "INSERT INTO claims (id, store_id, name, admission, made_at, expires_at) "
        "VALUES ($1, $2, $3, $4, $5, $6)",
        rows,
    )
    return files


async def _look_first(connection: Connection, ids: list[str], now: datetime) -> None:
    if HEADQUARTERS in ids:
        raise Mistake(f"no store can be called {HEADQUARTERS!r}; give it another id")
    in_chain = await connection.fetchval(
        "SELECT min(store_id) FROM certificates WHERE store_id = ANY($1) AND revoked_at IS NULL",
        ids,
    )
    if in_chain is not None:
        raise Mistake(
            f"{in_chain} has a certificate that holds; end it first: python -m hq revoke {in_chain}"
        )
    is_open = await connection.fetchval(
        "SELECT min(store_id) FROM claims WHERE store_id = ANY($1) AND used_at IS NULL "
        "AND revoked_at IS NULL AND expires_at > $2",
        *(ids, now),
    )
    if is_open is not None:
        raise Mistake(
            f"{is_open} has a claim that is still open; take it back first: "
            f"regulars fleet revoke {is_open}"
        )


def _text(claim: StoreClaim) -> bytes:
    """The claim as TOML, with two lines for whoever opens it."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Makes a new Regulars gateway the store {claim.store.id}, once."))
    document.add(tomlkit.comment("Until then keep it as you keep a key. Changed, it is worthless."))
    for name, value in msgspec.to_builtins(claim, builtin_types=(datetime,)).items():
        if name in ("authority", "admission"):
            document.add(name, tomlkit.string(value, multiline=True))
        elif name == "store":
            document.add(name, tomlkit.item(_without_nothing(value)))
        elif value is not None:
            document.add(name, tomlkit.item(value))
    return tomlkit.dumps(document).rstrip("\n").encode() + b"\n"


def _without_nothing(table: dict[str, object]) -> dict[str, object]:
    """TOML has no null: what is not decided is not named."""
    kept: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, list | tuple):
            value = [_without_nothing(item) for item in value]
        elif isinstance(value, dict):
            value = _without_nothing(value)
        if value not in (None, "", []):
            kept[name] = value
    return kept


async def listed(connection: Connection, now: datetime) -> list[Listed]:
    """Every claim that was ever made, by store, the newest of a store first."""
    rows = await connection.fetch(
        "SELECT c.*, CASE WHEN s.last_contact_at >= c.used_at THEN s.last_contact_at END "
        "AS contact_at FROM claims c LEFT JOIN stores s ON s.id = c.store_id "
        "ORDER BY c.store_id, c.made_at DESC, c.id"
    )
    return [
        Listed(
            claim_id=row["id"],
            store_id=row["store_id"],
            name=row["name"],
            state=state_of(row["used_at"], row["revoked_at"], row["expires_at"], now),
            made_at=row["made_at"],
            expires_at=row["expires_at"],
            used_at=row["used_at"],
            contact_at=row["contact_at"],
            refused_at=row["refused_at"],
            refused=row["refused"],
        )
        for row in rows
    ]


def state_of(
    used_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, now: datetime
) -> State:
    """What a claim is worth. One that was used stays so, whatever happens to it later."""
    if used_at is not None:
        return "used"
    if revoked_at is not None:
        return "revoked"
    return "open" if now < expires_at else "expired"


async def revoke(connection: Connection, store_id: str, now: datetime) -> None:
    """Take a store's open claim back. Raises ``Mistake`` where there is none."""
    done = await connection.execute(
        "UPDATE claims SET revoked_at = $2 WHERE store_id = $1 AND used_at IS NULL "
        "AND revoked_at IS NULL AND expires_at > $2",
        *(store_id, now),
    )
    if done == "UPDATE 0":
        raise Mistake(
            f"{store_id} has no claim that is open; a store that has used its own is ended with: "
            f"python -m hq revoke {store_id}"
        )
