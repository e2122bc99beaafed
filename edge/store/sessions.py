"""Paired phones, and the codes that invite them."""

from __future__ import annotations

from datetime import datetime

from edge.domain import PairingCode, Role, Session
from edge.store.connection import Connection
from edge.store.rows import Table


class Sessions:
    """Phones that were paired; tokens are known by their hash only."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, Session, "sessions")

    def get(self, session_id: str) -> Session | None:
        return self._rows.get(session_id)

    def by_token_hash(self, token_hash: str) -> Session | None:
        return self._rows.first("WHERE token_hash = ?", token_hash)

    def all_active(self) -> list[Session]:
        """Those not revoked, the earliest pairing first."""
        return self._rows.all("WHERE revoked_at IS NULL ORDER BY paired_at, rowid")


class WritableSessions(Sessions):
    def put(self, session: Session) -> None:
        self._rows.put(session)


class PairingCodes:
    """Invitations, each taken once, which is why only a transaction has them."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, PairingCode, "pairing_codes", key="code_hash")

    def put(self, pairing_code: PairingCode) -> None:
        self._rows.put(pairing_code)

    def take(self, code_hash: str) -> PairingCode | None:
        """Remove and return it; whether it has expired is for the caller to judge."""
        return next(iter(self._rows.remove("WHERE code_hash = ?", code_hash)), None)

    def of(self, role: Role) -> list[PairingCode]:
        """Every invitation for a role, expired ones as well."""
        return self._rows.all("WHERE role = ?", role.value)

    def drop(self, role: Role) -> None:
        """Remove every invitation for a role."""
        self._rows.remove("WHERE role = ?", role.value)

    def purge(self, now: datetime) -> int:
        """Remove what has expired; returns how many."""
        return len(self._rows.remove("WHERE expires_at <= ?", now))
