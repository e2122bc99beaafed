"""Receipts of the till, as far as they are kept."""

from __future__ import annotations

from datetime import datetime

from edge.domain import Sale
from edge.store.connection import Connection
from edge.store.rows import Table


class Sales:
    """Sales by id and by time."""

    def __init__(self, connection: Connection) -> None:
        self._rows = Table(connection, Sale, "sales")

    def get(self, sale_id: str) -> Sale | None:
        return self._rows.get(sale_id)

    def between(self, since_at: datetime, until_at: datetime) -> list[Sale]:
        """Sold at ``since_at`` or later and before ``until_at``; the oldest first."""
        return self._rows.all(
            "WHERE sold_at >= ? AND sold_at < ? ORDER BY sold_at, id", since_at, until_at
        )

    def known_before(self, at: datetime) -> bool:
        """Whether the till had told any sale that was made before."""
        return self._rows.first("WHERE sold_at < ?", at) is not None


class WritableSales(Sales):
    def add(self, sale: Sale) -> None:
        self._rows.put(sale)
