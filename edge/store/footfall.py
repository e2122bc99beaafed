"""Sums of people and visits by interval, and the rows that headquarters pulls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from edge.contract import FootfallRow
from edge.store.connection import Connection
from edge.store.rows import Table, moment


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDay:
    """What is told of a day: which nodes of each measure, for these zones, and the privacy
    budget that was spent on it, in thousandths of epsilon.
    """

    starts_at: datetime
    zones: tuple[str, ...]
    told: dict[str, tuple[int, ...]]
    spent_millis: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many people passed in one direction of a zone in the quarter from ``starts_at``."""

    zone: str
    direction: str
    starts_at: datetime
    people: int


class Footfall:
    """What was counted, what is told of it, and what is not told yet."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._days = Table(connection, StoredDay, "footfall_days", key="starts_at")
        self._counts = Table(connection, Count, "footfall_counts", key="starts_at")

    def changed(self) -> list[datetime]:
        """The quarters of which something is not told yet, the earliest first."""
        rows = self._connection.execute("SELECT starts_at FROM footfall_changed ORDER BY starts_at")
        return [datetime.fromisoformat(row["starts_at"]) for row in rows]

    def counts(self, starts_at: datetime, ends_at: datetime) -> list[Count]:
        """What was counted in a half-open time."""
        return self._counts.all("WHERE starts_at >= ? AND starts_at < ?", starts_at, ends_at)

    def day(self, starts_at: datetime) -> StoredDay | None:
        return self._days.get(starts_at)

    def told(self, starts_at: datetime, ends_at: datetime) -> list[FootfallRow]:
        """The rows of the intervals that begin in a half-open time, as last revised."""
        rows = self._connection.execute(
            "SELECT body FROM footfall_rows WHERE starts_at >= ? AND starts_at < ?",
            moment(starts_at),
            moment(ends_at),
        )
        return [_row(row["body"]) for row in rows]

    def page(self, after: int, limit: int) -> list[tuple[int, FootfallRow]]:
        """The rows behind a position, each with its own, in their order."""
        rows = self._connection.execute(
            "SELECT position, body FROM footfall_rows WHERE position > ? ORDER BY position LIMIT ?",
            after,
            limit,
        )
        return [(row["position"], _row(row["body"])) for row in rows]

    def remaining(self, after: int) -> int:
        (row,) = self._connection.execute(
            "SELECT count(*) AS n FROM footfall_rows WHERE position > ?", after
        )
        return int(row["n"])

    def last_position(self) -> int:
        """The last that was given to a row, whether or not the row is still there."""
        rows = self._connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'footfall_rows'"
        )
        return next((int(row["seq"]) for row in rows), 0)


class WritableFootfall(Footfall):
    def count(self, people: Mapping[tuple[str, str, datetime], int]) -> None:
        """Add to what was counted, by zone, direction and start of the quarter."""
        for (zone, direction, starts_at), more in people.items():
            self._connection.execute(
                "INSERT INTO footfall_counts (starts_at, zone, direction, people) "
                "VALUES (?, ?, ?, ?) ON CONFLICT (starts_at, zone, direction) "
                "DO UPDATE SET people = people + excluded.people WHERE excluded.people > 0",
                moment(starts_at),
                zone,
                direction,
                more,
            )

    def tell(self, rows: Iterable[FootfallRow]) -> None:
        """Put rows behind all others, each in the place of its earlier revision."""
        for row in rows:
            self._connection.execute(
                "INSERT OR REPLACE INTO footfall_rows (starts_at, period, zone, body) "
                "VALUES (?, ?, ?, ?)",
                moment(row.starts_at),
                row.period.value,
                row.zone,
                msgspec.json.encode(row).decode(),
            )

    def remember(self, day: StoredDay) -> None:
        self._days.put(day)

    def settle(self, starts_at: datetime, ends_at: datetime) -> None:
        """All that is known of a half-open time is told."""
        self._connection.execute(
            "DELETE FROM footfall_changed WHERE starts_at >= ? AND starts_at < ?",
            moment(starts_at),
            moment(ends_at),
        )

    def forget_before(self, at: datetime) -> None:
        """Drop what was counted and told of earlier intervals."""
        for table in ("footfall_counts", "footfall_rows", "footfall_days", "footfall_changed"):
            self._connection.execute(f"DELETE FROM {table} WHERE starts_at < ?", moment(at))


def _row(body: str) -> FootfallRow:
    return msgspec.json.decode(body, type=FootfallRow)
