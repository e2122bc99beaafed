"""Biometric consents. A consent lives as long as its key, and its templates with it."""

from __future__ import annotations

from edge.domain import Consent
from edge.store.connection import Connection
from edge.store.keyring import Keyring
from edge.store.rows import Table


class Consents:
    """Consents of members. At most one is active for each member."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, Consent, "consents")

    def get(self, consent_id: str) -> Consent | None:
        return self._rows.get(consent_id)

    def active_of(self, member_id: str) -> Consent | None:
        return self._rows.first("WHERE member_id = ? AND withdrawn_at IS NULL", member_id)

    def all_active(self) -> list[Consent]:
        """The oldest first."""
        return self._rows.all("WHERE withdrawn_at IS NULL ORDER BY given_at, rowid")

    def of(self, member_id: str) -> list[Consent]:
        """Newest first."""
        return self._rows.all("WHERE member_id = ? ORDER BY given_at DESC, rowid DESC", member_id)


class WritableConsents(Consents):
    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        super().__init__(connection)
        self._keyring = keyring

    def put(self, consent: Consent) -> None:
        """A new active consent gets its key here and only here; a withdrawn one loses it first.

        Raises ``Conflict`` when the member has another active consent.
        """
        begins = consent.active and self.get(consent.id) is None
        if not consent.active:
            self._keyring.destroy(consent.id)
        self._rows.put(consent)
        if begins:
            self._keyring.create(consent.member_id, consent.id)
