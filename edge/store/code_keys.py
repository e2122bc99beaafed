"""The keys behind our own codes: those that sign vouchers, and the secrets of digits and cards.

Public halves stand with the data; private ones and secrets are sealed in the keyring, apart
from it.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.domain import VoucherKey
from edge.store.connection import Connection
from edge.store.keyring import Keyring
from edge.store.rows import Table

KEY_ID_BYTES = 4


class CodeKeys:
    """What verifies our codes, and what makes them."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._keyring = keyring
        self._rows = Table(connection, VoucherKey, "voucher_keys")

    def all(self) -> list[VoucherKey]:
        """The newest first."""
        return self._rows.all("ORDER BY created_at DESC, id")

    def get(self, key_id: str) -> VoucherKey | None:
        return self._rows.get(key_id)

    def public(self) -> dict[str, Ed25519PublicKey]:
        """What verifies vouchers, by key id."""
        return {key.id: _public(key.public) for key in self._rows.each()}

    def private(self, key_id: str) -> bytes | None:
        """The 32 bytes that sign; None for a key that was revoked or belongs elsewhere."""
        name = _name(key_id)
        return self._keyring.secret(name) if self._keyring.has_secret(name) else None

    def digits(self) -> bytes:
        """The 32 bytes behind digits."""
        return self._keyring.voucher_digits

    def cards(self) -> bytes:
        """The 32 bytes behind members' cards."""
        return self._keyring.member_cards


class WritableCodeKeys(CodeKeys):
    def create(self, now: datetime) -> VoucherKey:
        """A new key. Its private half is durable at once, whatever becomes of the story."""
        private = Ed25519PrivateKey.generate()
        key = VoucherKey(
            id=secrets.token_hex(KEY_ID_BYTES),
            public=private.public_key().public_bytes_raw(),
            created_at=now,
        )
        self._keyring.keep_secret(_name(key.id), private.private_bytes_raw())
        self._rows.put(key)
        return key

    def put(self, key: VoucherKey) -> None:
        self._rows.put(key)

    def destroy(self, key_id: str) -> None:
        """End the private half of a key. Durable when this returns."""
        self._keyring.drop_secret(_name(key_id))


def _name(key_id: str) -> str:
    return f"voucher_key:{key_id}"


@lru_cache(maxsize=256)
def _public(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(raw)
