"""Who may see the merchant's pages: people invited by name, known by a token's hash.

An invitation works once, within a day. What it gives lies in one browser; the database holds
hashes alone, so that whoever reads it can sign in as nobody. There is no password.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from hq.schema import Connection

INVITATION_LIFE = timedelta(hours=24)
SESSION_LIFE = timedelta(days=30)
USE_WRITTEN_EVERY = timedelta(minutes=15)
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is signed in."""

    id: str
    name: str


async def invite(connection: Connection, name: str, now: datetime) -> str:
    """The code of a new invitation. Who was invited before gets another browser."""
    code = secrets.token_urlsafe(TOKEN_BYTES)
    person_id = await connection.fetchval(
        "INSERT INTO people (id, name, invited_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (name) WHERE ended_at IS NULL DO UPDATE SET invited_at = excluded.invited_at "
        "RETURNING id",
        *(uuid4().hex, name, now),
    )
    await connection.execute(
        "INSERT INTO invitations (code_hash, person_id, expires_at) VALUES ($1, $2, $3)",
        *(_digest(code), person_id, now + INVITATION_LIFE),
    )
    return code


async def enter(connection: Connection, code: str, now: datetime) -> str | None:
    """A token for the browser that shows the code, which is used up; None for any other code."""
    async with connection.transaction():
        await connection.execute("DELETE FROM invitations WHERE expires_at <= $1", now)
        person_id = await connection.fetchval(
            "DELETE FROM invitations i USING people p WHERE i.code_hash = $1 "
            "AND p.id = i.person_id AND p.ended_at IS NULL RETURNING i.person_id",
            _digest(code),
        )
        if person_id is None:
            return None
        token = secrets.token_urlsafe(TOKEN_BYTES)
        await connection.execute(
            "INSERT INTO sessions (token_hash, person_id, begun_at, used_at) "
            "VALUES ($1, $2, $3, $3)",
            *(_digest(token), person_id, now),
        )
        await note(connection, person_id, "signed_in", now)
    return token


async def signed_in(connection: Connection, token: str, now: datetime) -> Person | None:
    """The person behind a token, unless it was not used for ``SESSION_LIFE`` or they were ended."""
    row = await connection.fetchrow(
        "SELECT p.id, p.name, s.used_at FROM sessions s JOIN people p ON p.id = s.person_id "
        "WHERE s.token_hash = $1 AND s.used_at > $2 AND p.ended_at IS NULL",
        *(_digest(token), now - SESSION_LIFE),
    )
    if row is None:
        return None
    if now - row["used_at"] > USE_WRITTEN_EVERY:
        await connection.execute(
            "UPDATE sessions SET used_at = $2 WHERE token_hash = $1", _digest(token), now
        )
    return Person(id=row["id"], name=row["name"])


async def leave(connection: Connection, token: str) -> None:
    """End one browser's session."""
    await connection.execute("DELETE FROM sessions WHERE token_hash = $1", _digest(token))


async def dismiss(connection: Connection, name: str, now: datetime) -> bool:
    """End a person's invitations and sessions, at once. False where there is no such person."""
    person_id = await connection.fetchval(
        "UPDATE people SET ended_at = $2 WHERE name = $1 AND ended_at IS NULL RETURNING id",
        *(name, now),
    )
    await connection.execute("DELETE FROM invitations WHERE person_id = $1", person_id)
    await connection.execute("DELETE FROM sessions WHERE person_id = $1", person_id)
    return person_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A line of the audit: who did what, when, and why where a reason was asked for."""

    at: datetime
    name: str
    action: str
    reason: str


async def note(
    connection: Connection,
    person_id: str,
    action: str,
    now: datetime,
    *,
    subject: str = "",
    reason: str = "",
) -> None:
    """Write down that somebody looked at, or did, something. Nothing is ever taken out."""
    await connection.execute(
        "INSERT INTO audit (at, person_id, action, subject, reason) VALUES ($1, $2, $3, $4, $5)",
        *(now, person_id, action, subject, reason),
    )


async def noted(connection: Connection, subject: str, limit: int = 50) -> list[Noted]:
    """The last that was written down about a subject, newest first."""
    rows = await connection.fetch(
        "SELECT a.at, p.name, a.action, a.reason FROM audit a JOIN people p ON p.id = a.person_id "
        "WHERE a.subject = $1 ORDER BY a.id DESC LIMIT $2",
        *(subject, limit),
    )
    return [Noted(**row) for row in rows]


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
