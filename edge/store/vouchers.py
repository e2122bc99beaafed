"""Campaigns, vouchers that were issued here, what was revoked, and leases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from edge.domain import Batch, Campaign, IssuedVoucher, Lease
from edge.rules.credentials import canonical_code
from edge.store.connection import Connection
from edge.store.rows import Table, moment


class Vouchers:
    """What this store knows of vouchers beside what their codes say."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._campaigns = Table(connection, Campaign, "campaigns")
        self._issued = Table(connection, IssuedVoucher, "vouchers")
        self._batches = Table(connection, Batch, "batches")
        self._leases = Table(connection, Lease, "leases")

    def campaign(self, campaign_id: str) -> Campaign | None:
        return self._campaigns.get(campaign_id)

    def campaigns(self) -> list[Campaign]:
        """The newest first."""
        return self._campaigns.all("ORDER BY created_at DESC, id")

    def issued(self, voucher_id: str) -> IssuedVoucher | None:
        return self._issued.get(voucher_id)

    def by_code(self, code: str) -> IssuedVoucher | None:
        """The voucher of an exclusive code, however it is spelled."""
        return self._issued.first("WHERE code_key = ?", canonical_code(code))

    def issued_alone(self, campaign_id: str) -> list[IssuedVoucher]:
        """Those that have a row of their own: words of marketing, and vouchers of members."""
        return self._issued.all("WHERE campaign_id = ? ORDER BY issued_at, id", campaign_id)

    def issued_in(self, batch_id: str) -> list[IssuedVoucher]:
        """Those of a batch that have a row of their own, in the order of their numbers."""
        return self._issued.all("WHERE id >= ? AND id < ? ORDER BY id", batch_id, batch_id + "g")

    def batch(self, batch_id: str) -> Batch | None:
        return self._batches.get(batch_id)

    def batch_of_number(self, number: int) -> Batch | None:
        """The batch that a running number was issued in."""
        batch = self._batches.first(
            "WHERE first_number <= ? ORDER BY first_number DESC", min(number, 2**63 - 1)
        )
        return batch if batch and number < batch.first_number + batch.count else None

    def batches(self, campaign_id: str) -> list[Batch]:
        """In the order of their numbers."""
        return self._batches.all("WHERE campaign_id = ? ORDER BY first_number", campaign_id)

    def batches_of_key(self, key_id: str) -> list[Batch]:
        """Those whose vouchers a key signed."""
        return self._batches.all("WHERE key_id = ? ORDER BY first_number", key_id)

    def next_number(self) -> int:
        """The first running number that no batch has."""
        (number,) = self._batches.pluck("coalesce(max(first_number + count), 0)")
        return int(number)

    def revoked_at(self, kind: str, subject_id: str) -> datetime | None:
        """When a ``key``, a ``voucher`` or a member's printed ``card`` was revoked; None where
        it holds."""
        rows = list(
            self._connection.execute(
                "SELECT revoked_at FROM revocations WHERE subject = ?", f"{kind}:{subject_id}"
            )
        )
        return datetime.fromisoformat(rows[0]["revoked_at"]) if rows else None

    def leases(self, campaign_id: str, voucher_id: str) -> list[Lease]:
        """Those of the voucher, then those of the whole campaign; the oldest first."""
        return self._leases.all(
            "WHERE campaign_id = ? AND (voucher_id = ? OR voucher_id IS NULL) "
            "ORDER BY voucher_id IS NULL, granted_at, id",
            campaign_id,
            voucher_id,
        )

    def leases_until(self, now: datetime) -> list[Lease]:
        """Every lease that still counts, the first to end first."""
        return self._leases.all("WHERE expires_at > ? ORDER BY expires_at, id", now)


class WritableVouchers(Vouchers):
    def put_campaign(self, campaign: Campaign) -> None:
        self._campaigns.put(campaign)

    def issue(self, vouchers: Iterable[IssuedVoucher]) -> None:
        """Raises ``Conflict`` for a code that another voucher has."""
        for voucher in vouchers:
            key = canonical_code(voucher.code) if voucher.code else None
            self._issued.put(voucher, code_key=key)

    def put_batch(self, batch: Batch) -> None:
        self._batches.put(batch)

    def revoke(self, kind: str, subject_id: str, at: datetime) -> None:
        """The first time stays."""
        self._connection.execute(
            "INSERT INTO revocations (subject, revoked_at) VALUES (?, ?) "
            "ON CONFLICT (subject) DO NOTHING",
            f"{kind}:{subject_id}",
            moment(at),
        )

    def revoke_again(self, kind: str, subject_id: str, at: datetime) -> None:
        """The last time counts: what was made before it is void."""
        self._connection.execute(
            "INSERT INTO revocations (subject, revoked_at) VALUES (?, ?) "
            "ON CONFLICT (subject) DO UPDATE SET revoked_at = excluded.revoked_at",
            f"{kind}:{subject_id}",
            moment(at),
        )

    def put_lease(self, lease: Lease) -> None:
        self._leases.put(lease)
