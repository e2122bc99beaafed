"""Uses of vouchers, the steps of each, and tallies that always say what the uses add up to.

A tally counts the uses that are held (reserved or committed) of a voucher, of a campaign by one
member, of a campaign, of a lease, and on the offline cap. It moves with the use, in the same
transaction, so that a decision reads five rows however many uses there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from edge.domain import DoubleUse, ForeignUse, Redemption, Showing, Step, Tally
from edge.store.connection import Connection
from edge.store.rows import Table, moment


class Redemptions:
    """What was redeemed here, and what other stores redeemed as far as it is known."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows = Table(connection, Redemption, "redemptions")
        self._steps = Table(connection, Step, "redemption_steps", key="request_id")
        self._foreign = Table(connection, ForeignUse, "foreign_uses")
        self._showings = Table(connection, Showing, "showings", key="voucher_id, at, device")
        self._doubles = Table(connection, DoubleUse, "double_uses", key="voucher_id")

    def get(self, redemption_id: str) -> Redemption | None:
        return self._rows.get(redemption_id)

    def of_voucher(self, voucher_id: str) -> list[Redemption]:
        """The oldest first."""
        return self._rows.all("WHERE voucher_id = ? ORDER BY rowid", voucher_id)

    def of_campaign(self, campaign_id: str) -> Iterator[Redemption]:
        """The oldest first; all of them are read, so this is for reports."""
        return self._rows.each("WHERE campaign_id = ? ORDER BY rowid", campaign_id)

    def on_basket(self, basket_id: str) -> list[Redemption]:
        """Those that a basket holds."""
        uses = self._rows.each("WHERE basket_id = ?", basket_id)
        return [use for use in uses if use.state.holds]

    def lapsed(self, now: datetime, limit: int) -> list[Redemption]:
        """Reservations that have run out."""
        return self._rows.all(
            "WHERE state = 'reserved' AND expires_at <= ? ORDER BY expires_at LIMIT ?", now, limit
        )

    def step(self, request_id: str) -> Step | None:
        return self._steps.get(request_id)

    def steps(self, redemption_id: str) -> list[Step]:
        """In their order."""
        return self._steps.all("WHERE redemption_id = ? ORDER BY rowid", redemption_id)

    def showings(self, voucher_id: str, limit: int) -> list[Showing]:
        """The newest first."""
        return self._showings.all(
            "WHERE voucher_id = ? ORDER BY at DESC LIMIT ?", voucher_id, limit
        )

    def tally(self, kind: str, *ids: str) -> Tally:
        """Kinds: ``voucher``, ``campaign``, ``lease``, ``unleased`` (of a campaign), and
        ``member`` (campaign, member)."""
        rows = list(
            self._connection.execute(
                "SELECT uses, spent FROM tallies WHERE subject = ?", ":".join((kind, *ids))
            )
        )
        return Tally(uses=rows[0]["uses"], spent=Decimal(rows[0]["spent"])) if rows else Tally()

    def latest_at(self) -> datetime | None:
        """The latest time that was noted: by a use that was taken, or as time went by."""
        rows = list(self._connection.execute("SELECT at FROM latest_time"))
        return datetime.fromisoformat(rows[0]["at"]) if rows else None

    def foreign_of(self, voucher_id: str) -> list[ForeignUse]:
        """The oldest first."""
        return self._foreign.all("WHERE voucher_id = ? ORDER BY at, id", voucher_id)

    def foreign_of_campaign(self, campaign_id: str) -> Iterator[ForeignUse]:
        """All that other stores did; for reports."""
        return self._foreign.each("WHERE campaign_id = ? ORDER BY at, id", campaign_id)

    def double_uses(self) -> list[DoubleUse]:
        """The newest first."""
        return self._doubles.all("ORDER BY found_at DESC, voucher_id")


class WritableRedemptions(Redemptions):
    def put(self, redemption: Redemption, step: Step | None = None) -> None:
        """Write a use and the step that led to it, and move the tallies.

        Without a step only what headquarters knows of it has changed.
        """
        before = self._rows.get(redemption.id)
        if before is not None:
            self._count(before, -1)
        self._count(redemption, 1)
        self._rows.put(redemption)
        if step is not None:
            self._steps.put(step)

    def show(self, showing: Showing) -> None:
        self._showings.put(showing)

    def learn(self, use: ForeignUse) -> None:
        """Write what another store did, and count it."""
        before = self._foreign.get(use.id)
        if before is not None:
            self._count(before, -1)
        self._count(use, 1)
        self._foreign.put(use)

    def see(self, at: datetime) -> None:
        """Set the latest time; it is for the caller to see that it does not run back."""
        self._connection.execute(
            "INSERT INTO latest_time (one, at) VALUES (1, ?) "
            "ON CONFLICT (one) DO UPDATE SET at = excluded.at",
            moment(at),
        )

    def put_double_use(self, double: DoubleUse) -> None:
        self._doubles.put(double)

    def drop_double_use(self, voucher_id: str) -> None:
        self._doubles.remove("WHERE voucher_id = ?", voucher_id)

    def _count(self, use: Redemption | ForeignUse, sign: int) -> None:
        if not use.state.holds:
            return
        off = use.discount.amount * sign if use.discount else Decimal(0)
        for subject in _subjects(use):
            tally = self.tally(subject)
            self._connection.execute(
                "INSERT INTO tallies (subject, uses, spent) VALUES (?, ?, ?) "
                "ON CONFLICT (subject) DO UPDATE SET uses = excluded.uses, spent = excluded.spent",
                subject,
                tally.uses + sign,
                str(tally.spent + off),
            )


def _subjects(use: Redemption | ForeignUse) -> Iterator[str]:
    """What a use counts for."""
    yield f"voucher:{use.voucher_id}"
    yield f"campaign:{use.campaign_id}"
    if use.member_id is not None:
        yield f"member:{use.campaign_id}:{use.member_id}"
    if isinstance(use, ForeignUse):
        return
    if use.lease_id is not None:
        yield f"lease:{use.lease_id}"
    if use.unleased:
        yield f"unleased:{use.campaign_id}"
