"""The audit log: who did what to which subject, when and why. Identifiers, never names.

Each entry's hash covers the hash before it, and the gateway's Ed25519 key signs each hash; so
an entry that is changed, moved or removed breaks the chain for everyone who reads it. A log
that is cut short at its end is still a good chain: to notice that, the newest sequence number
and hash are kept in the keyring as well, written after each commit. A crash between the two
leaves the log ahead of the keyring, which is allowed; behind it is not.

The log names the key that signs from there on: its first entry is ``signing_key``, and so is
the first after the gateway's keys were made anew.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge.domain import AuditEntry
from edge.errors import AuditBroken, StoreUnavailable
from edge.store.connection import Connection
from edge.store.keyring import Keyring
from edge.store.rows import Table, moment

log = structlog.get_logger(__name__)

GATEWAY = "gateway"
SIGNING_KEY = "signing_key"
LOG_REPLACED = "log_replaced"
_BEFORE_THE_FIRST = "0" * 64


class Audit:
    """The log as it is read."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._rows = Table(connection, AuditEntry, "audit", key="sequence")
        self._keyring = keyring
        # Taken before the snapshot begins, so that the log can only be ahead of it.
        self._head = keyring.head()

    def of(self, subject: str, limit: int) -> list[AuditEntry]:
        """Newest first."""
        return self._rows.all("WHERE subject = ? ORDER BY sequence DESC LIMIT ?", subject, limit)

    def tail(self, limit: int) -> list[AuditEntry]:
        """Newest first."""
        return self._rows.all("ORDER BY sequence DESC LIMIT ?", limit)

    def verify(self) -> int:
        """Walk the whole chain; returns the number of entries. Raises ``AuditBroken``."""
        previous, key = _BEFORE_THE_FIRST, ""
        sequence = 0
        for sequence, entry in enumerate(self._rows.each("ORDER BY sequence"), start=1):
            if entry.action == SIGNING_KEY:
                key = entry.subject
            if not _follows(entry, previous, key):
                raise AuditBroken(
                    f"the audit log was altered at entry {sequence}; keep a copy of the "
                    "database as evidence and tell whoever answers for data protection"
                )
            previous = entry.hash
        if sequence and key != self._keyring.public_key().hex():
            raise AuditBroken("the audit log ends under a key that is not this gateway's")
        if self.behind():
            raise AuditBroken(
                "the newest entries of the audit log are missing; keep a copy of the database "
                "as evidence and tell whoever answers for data protection"
            )
        return sequence

    def gaps(self) -> list[AuditEntry]:
        """The entries that own up to others that are gone, newest first.

        ``verify`` passes over them: a log put back with a backup is whole from there on.
        """
        return self._rows.all("WHERE action = ? ORDER BY sequence DESC", LOG_REPLACED)

    def behind(self) -> bool:
        """Whether the log lacks the entry that the keyring saw committed."""
        if self._head is None:
            return False
        sequence, digest = self._head
        entry = self._rows.get(sequence)
        return entry is None or entry.hash != digest


class WritableAudit(Audit):
    def __init__(
        self, connection: Connection, keyring: Keyring, clock: Callable[[], datetime]
    ) -> None:
        super().__init__(connection, keyring)
        self._clock = clock
        self._newest: AuditEntry | None = None

    def append(self, *, actor: str, action: str, subject: str, reason: str) -> AuditEntry:
        """Add a signed entry to the end of the chain."""
        last = next(iter(self.tail(1)), None)
        draft = AuditEntry(
            sequence=last.sequence + 1 if last else 1,
            at=self._clock(),
            actor=actor,
            action=action,
            subject=subject,
            reason=reason,
            previous_hash=last.hash if last else _BEFORE_THE_FIRST,
            hash="",
            signature="",
        )
        digest = _digest(draft)
        entry = replace(draft, hash=digest, signature=self._keyring.sign(bytes.fromhex(digest)))
        self._rows.put(entry)
        self._newest = entry
        return entry

    def begin(self) -> None:
        """At start: say which key signs from here on, and own up to entries that are gone."""
        key = self._keyring.public_key().hex()
        named = self._rows.first("WHERE action = ? ORDER BY sequence DESC", SIGNING_KEY)
        if named is None or named.subject != key:
            self.append(actor=GATEWAY, action=SIGNING_KEY, subject=key, reason="signs from here on")
        if self._head is not None and self.behind():
            self.append(
                actor=GATEWAY,
                action=LOG_REPLACED,
                subject="audit",
                reason=f"entry {self._head[0]} with hash {self._head[1]} was written and is not "
                "here: an older database was put back, or the log was cut",
            )

    @property
    def grew(self) -> bool:
        """Whether this transaction added an entry."""
        return self._newest is not None

    def anchor(self) -> None:
        """After the commit: keep the new head in the keyring."""
        if self._newest is None:
            return
        try:
            self._keyring.keep_head(self._newest.sequence, self._newest.hash)
        except StoreUnavailable:
            # The entry is committed; the next one's head covers it.
            log.warning("audit_head_not_kept", sequence=self._newest.sequence)


def _digest(entry: AuditEntry) -> str:
    """SHA-256 over the previous hash and the canonical JSON of what the entry says."""
    said = {
        "sequence": entry.sequence,
        "at": moment(entry.at),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "reason": entry.reason,
    }
    canonical = msgspec.json.encode(said, order="sorted")
    return sha256(bytes.fromhex(entry.previous_hash) + canonical).hexdigest()


def _follows(entry: AuditEntry, previous: str, key: str) -> bool:
    """Whether an entry continues the chain and bears the signature of the key in force."""
    if entry.previous_hash != previous or entry.hash != _digest(entry):
        return False
    try:
        signature = base64.urlsafe_b64decode(entry.signature)
        signer = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        signer.verify(signature, bytes.fromhex(entry.hash))
    except (InvalidSignature, ValueError):
        return False
    return True
