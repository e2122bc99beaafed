"""Campaigns, vouchers that were issued here, what was revoked, and leases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from edge.domain import Campaign, IssuedVoucher, Lease
from edge.store.connection import Connection
from edge.store.rows import Table, moment


class Vouchers:
    """What this store knows of vouchers beside what their codes say."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._campaigns = Table(connection, Campaign, "campaigns")
        self._issued = Table(connection, IssuedVoucher, "vouchers")
        self._leases = Table(connection, Lease, "leases")

    def campaign(self, campaign_id: str) -> Campaign | None:
        return self._campaigns.get(campaign_id)

    def campaigns(self) -> list[Campaign]:
        """The newest first."""
        return self._campaigns.all("ORDER BY created_at DESC, id")

    def issued(self, voucher_id: str) -> IssuedVoucher | None:
        return self._issued.get(voucher_id)

    def by_code(self, code: str) -> IssuedVoucher | None:
        """The voucher of digits or an exclusive code, as they were issued."""
        return self._issued.first("WHERE code = ?", code)

    def revoked_at(self, kind: str, subject_id: str) -> datetime | None:
        """When a ``key`` or a ``voucher`` was revoked; None where it holds."""
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


class WritableVouchers(Vouchers):
    def put_campaign(self, campaign: Campaign) -> None:
        self._campaigns.put(campaign)

    def issue(self, vouchers: Iterable[IssuedVoucher]) -> None:
        """Raises ``Conflict`` for a code that another voucher has."""
        for voucher in vouchers:
            self._issued.put(voucher)

    def revoke(self, kind: str, subject_id: str, at: datetime) -> None:
        """The first time stays."""
        self._connection.execute(
            "INSERT INTO revocations (subject, revoked_at) VALUES (?, ?) "
            "ON CONFLICT (subject) DO NOTHING",
            f"{kind}:{subject_id}",
            moment(at),
        )

    def put_lease(self, lease: Lease) -> None:
        self._leases.put(lease)
