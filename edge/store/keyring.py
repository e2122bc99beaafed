"""The keys, apart from the data: a SQLite file that no backup of the data carries along.

Each consent has a key of its own, wrapped under the gateway's key, and lives as long as that
key: destroying it here is what erases a face, durably and at once, whatever happens to the
data file afterwards. Here too, wrapped: the keys that sign, and the secrets of the rotation, of
digits and of members' cards, the authority that phones trust, and the keys that TLS shows.

A rollback journal rather than WAL: a WAL would keep the bytes of destroyed keys until some
later checkpoint. synchronous=EXTRA also syncs the folder when the journal goes, without which
a power cut could bring a destroyed key back. secure_delete overwrites it with zeros.
"""

from __future__ import annotations

import base64
import json
import secrets
import sqlite3
import threading
from collections.abc import Collection
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlite_utils import Database, Migrations

from edge.errors import ConfigError
from edge.store import gateway_key
from edge.store.connection import Connection, open_durable

migrations = Migrations("keyring")

SIGNING = "signing"
ROTATION = "rotation"
NEXT_ROTATION = "next_rotation"
VOUCHER_DIGITS = "voucher_digits"
MEMBER_CARDS = "member_cards"
AUTHORITY = "authority"
RANDOM = (ROTATION, VOUCHER_DIGITS, MEMBER_CARDS)
"""Secrets of 32 random bytes that every store has."""


@migrations()
def m001_keys(db: Database) -> None:
    db.execute("CREATE TABLE secrets (name TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT")
    db.execute("""
        CREATE TABLE member_keys (
            consent_id TEXT PRIMARY KEY,
            member_id TEXT NOT NULL,
            wrapped BLOB NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX keys_of_member ON member_keys (member_id)")
    db.execute("""
        CREATE TABLE audit_head (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            sequence INTEGER NOT NULL,
            hash TEXT NOT NULL
        ) STRICT""")


class Keyring:
    """Keys by consent, secrets by name, and the head of the audit log.

    Used from every thread of the store, one at a time; each change is its own durable
    transaction.
    """

    def __init__(self, connection: Connection, key: bytes) -> None:
        self._connection = connection
        self._member_wrap = gateway_key.derive(key, "member-key")
        self._secret_wrap = gateway_key.derive(key, "secret")
        self._lock = threading.Lock()
        self._head = self._stored_head()

    def close(self) -> None:
        self._connection.close()

    # --- keys of members --------------------------------------------------------------

    def create(self, member_id: str, consent_id: str) -> None:
        """A new key for a consent that begins; it replaces one whose story failed."""
        key = secrets.token_bytes(gateway_key.KEY_BYTES)
        wrapped = gateway_key.seal(self._member_wrap, key, member_id, consent_id)
        self._change(
            "INSERT OR REPLACE INTO member_keys (consent_id, member_id, wrapped) VALUES (?, ?, ?)",
            consent_id,
            member_id,
            wrapped,
        )

    def key(self, member_id: str, consent_id: str) -> bytes | None:
        """The key of a consent, or None once destroyed."""
        rows = self._ask(
            "SELECT wrapped FROM member_keys WHERE consent_id = ? AND member_id = ?",
            consent_id,
            member_id,
        )
        if not rows:
            return None
        return gateway_key.unseal(self._member_wrap, rows[0][0], member_id, consent_id)

    def keys(self, consents: Collection[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
        """The keys of many consents, by member and consent, in one question.

        What is missing was destroyed, or cannot be opened.
        """
        rows = self._ask(
            "SELECT member_id, consent_id, wrapped FROM member_keys "
            "WHERE consent_id IN (SELECT value FROM json_each(?))",
            json.dumps([consent_id for _, consent_id in consents]),
        )
        keys = {}
        for member_id, consent_id, wrapped in rows:
            with suppress(InvalidTag):
                key = gateway_key.unseal(self._member_wrap, wrapped, member_id, consent_id)
                keys[member_id, consent_id] = key
        return keys

    def destroy(self, consent_id: str) -> None:
        """End the key of one consent. Durable when this returns."""
        self._change("DELETE FROM member_keys WHERE consent_id = ?", consent_id)

    def destroy_all_of(self, member_id: str) -> None:
        """End every key of a member. Durable when this returns."""
        self._change("DELETE FROM member_keys WHERE member_id = ?", member_id)

    def consent_ids(self) -> set[str]:
        """The consents that have a key."""
        return {row[0] for row in self._ask("SELECT consent_id FROM member_keys")}

    # --- secrets ----------------------------------------------------------------------

    def secret(self, name: str) -> bytes:
        """Raises ``KeyError`` when there is none of this name."""
        rows = self._ask("SELECT wrapped FROM secrets WHERE name = ?", name)
        if not rows:
            raise KeyError(name)
        return gateway_key.unseal(self._secret_wrap, rows[0][0], name)

    def names(self) -> list[str]:
        """The names of all secrets."""
        return [row[0] for row in self._ask("SELECT name FROM secrets ORDER BY name")]

    def has_secret(self, name: str) -> bool:
        return bool(self._ask("SELECT 1 FROM secrets WHERE name = ?", name))

    @cached_property
    def voucher_digits(self) -> bytes:
        """The key of digits that people read out; read once, as it never changes."""
        return self.secret(VOUCHER_DIGITS)

    @cached_property
    def member_cards(self) -> bytes:
        """What the keys of members' cards are derived from; read once, likewise."""
        return self.secret(MEMBER_CARDS)

    def keep_secret(self, name: str, value: bytes) -> None:
        wrapped = gateway_key.seal(self._secret_wrap, value, name)
        self._change("INSERT OR REPLACE INTO secrets (name, wrapped) VALUES (?, ?)", name, wrapped)

    def drop_secret(self, name: str) -> None:
        self._change("DELETE FROM secrets WHERE name = ?", name)

    # --- signing ----------------------------------------------------------------------

    def sign(self, data: bytes) -> str:
        """Ed25519 signature in base64url."""
        return base64.urlsafe_b64encode(self._signer.sign(data)).decode()

    def public_key(self) -> bytes:
        """The 32 bytes that check what ``sign`` signed."""
        return self._signer.public_key().public_bytes_raw()

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.secret(SIGNING))

    # --- keys with their certificates -------------------------------------------------

    def pair(self, name: str) -> bytes | None:
        """Key and certificates (PEM), once there are some."""
        return self.secret(name) if self.has_secret(name) else None

    def keep_pair(self, name: str, pem: bytes) -> None:
        self.keep_secret(name, pem)

    # --- the audit log's head ---------------------------------------------------------

    def head(self) -> tuple[int, str] | None:
        """Sequence number and hash of the newest audit entry known to be committed."""
        return self._head

    def keep_head(self, sequence: int, digest: str) -> None:
        self._change("INSERT OR REPLACE INTO audit_head VALUES (1, ?, ?)", sequence, digest)
        self._head = sequence, digest

    def _stored_head(self) -> tuple[int, str] | None:
        rows = self._ask("SELECT sequence, hash FROM audit_head")
        return (rows[0]["sequence"], rows[0]["hash"]) if rows else None

    def _ask(self, sql: str, *parameters: object) -> list[sqlite3.Row]:
        with self._lock, self._connection.transaction("DEFERRED"):
            return list(self._connection.execute(sql, *parameters))

    def _change(self, sql: str, *parameters: object) -> None:
        with self._lock, self._connection.transaction("IMMEDIATE"):
            self._connection.execute(sql, *parameters)


def open_keyring(folder: Path) -> Keyring:
    """Open the keys, making them at first start. Raises ``ConfigError``, ``StoreUnavailable``."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "keyring.db"
    key = gateway_key.load_or_create(folder / "gateway.key", may_create=not path.exists())
    gateway_key.demand_private(path, 0o600)
    connection = open_durable(path)
    try:
        migrations.apply(connection.database)
        keyring = Keyring(connection, key)
        _complete(keyring)
    except InvalidTag as error:
        connection.close()
        raise ConfigError(
            f"{path} was made under another gateway.key; put the gateway.key that belongs to it "
            f"back, or remove {folder} to start without any face"
        ) from error
    except BaseException:  # whatever it was, nobody else would close it
        connection.close()
        raise
    return keyring


def fits(folder: Path, key: bytes) -> bool | None:
    """Whether the keys of a folder were made under this gateway key; None where there are none.

    Raises ``StoreUnavailable``.
    """
    path = folder / "keyring.db"
    if not path.exists() or not path.stat().st_size:
        return None
    connection = open_durable(path)  # one that may write, to undo what a power cut left half-done
    try:
        Keyring(connection, key).public_key()
    except InvalidTag:
        return False
    except KeyError:
        return None  # the power went before the first secret was there
    finally:
        connection.close()
    return True


def _complete(keyring: Keyring) -> None:
    """Make the secrets that are missing; raises ``InvalidTag`` under a foreign gateway key."""
    if not keyring.has_secret(SIGNING):
        keyring.keep_secret(SIGNING, Ed25519PrivateKey.generate().private_bytes_raw())
    for name in RANDOM:
        if not keyring.has_secret(name):
            keyring.keep_secret(name, secrets.token_bytes(gateway_key.KEY_BYTES))
    keyring.public_key()
