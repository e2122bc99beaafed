"""Where this store stands in headquarters' feeds, and what it could not take from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from edge import contract
from edge.domain import Hearing, HeldChange
from edge.store.connection import Connection
from edge.store.rows import moment


class Exchange:
    """Cursors, withdrawals that were heard, and changes in quarantine."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cursor(self, feed: contract.Feed) -> int:
        """The place up to which a feed is applied; 0 before anything is."""
        rows = self._connection.execute("SELECT position FROM cursors WHERE feed = ?", feed)
        return next((int(row["position"]) for row in rows), 0)

    def heard(self, message_id: str) -> bool:
        """Whether this withdrawal has had its effect here."""
        rows = self._connection.execute(
            "SELECT 1 FROM withdrawals_heard WHERE message_id = ?", message_id
        )
        return any(True for _ in rows)

    def refused(self) -> list[tuple[str, int, str]]:
        """Feed, position and code of each change in quarantine."""
        rows = self._connection.execute(
            "SELECT feed, position, code FROM refused_changes ORDER BY feed, position"
        )
        return [(row["feed"], row["position"], row["code"]) for row in rows]

    def held_count(self) -> int:
        """How many changes are in quarantine."""
        (row,) = self._connection.execute("SELECT count(*) AS n FROM refused_changes")
        return int(row["n"])

    def held(self, limit: int) -> list[HeldChange]:
        """Changes in quarantine, in the order of their feeds."""
        rows = self._connection.execute(
            "SELECT feed, position, code, refused_at, CASE WHEN json_valid(body) THEN "
            "coalesce(json_extract(body, '$.type'), '') ELSE '' END AS kind "
            "FROM refused_changes ORDER BY feed, position LIMIT ?",
            limit,
        )
        return [
            HeldChange(
                feed=row["feed"],
                position=row["position"],
                kind=str(row["kind"]),
                code=row["code"],
                refused_at=_time(row["refused_at"]),
            )
            for row in rows
        ]

    def hearing(self) -> Hearing | None:
        """When the withdrawals were last heard to their end; None before they ever were."""
        for row in self._connection.execute("SELECT heard_at, spent_s FROM hearing"):
            heard_at, spent = row["heard_at"], timedelta(seconds=row["spent_s"])
            return Hearing(heard_at=datetime.fromisoformat(heard_at), spent=spent)
        return None

    def in_line_at(self) -> datetime | None:
        """When both sides last told each other everything."""
        rows = list(self._connection.execute("SELECT at FROM in_line"))
        return _time(rows[0]["at"]) if rows else None

    def settings(self) -> list[contract.Setting]:
        """What headquarters set of the configuration."""
        rows = self._connection.execute("SELECT key, value FROM settings ORDER BY key")
        return [contract.Setting(key=row["key"], value=row["value"]) for row in rows]

    def told_release(self) -> str | None:
        """What headquarters was last told of the releases here."""
        rows = self._connection.execute("SELECT told FROM told_release")
        return next((str(row["told"]) for row in rows), None)


class WritableExchange(Exchange):
    def want_release(self, version: str | None) -> None:
        self._connection.execute(
            "INSERT INTO wanted_release (one, version) VALUES (1, ?) "
            "ON CONFLICT (one) DO UPDATE SET version = excluded.version",
            version,
        )

    def keep_told_release(self, told: str) -> None:
        self._connection.execute(
            "INSERT INTO told_release (one, told) VALUES (1, ?) "
            "ON CONFLICT (one) DO UPDATE SET told = excluded.told",
            told,
        )

    def put_settings(self, settings: Iterable[contract.Setting]) -> None:
        """These hold from the next start on, and no others."""
        self._connection.execute("DELETE FROM settings")
        for setting in settings:
            self._connection.execute(
                "INSERT INTO settings (key, value) VALUES (?, ?) "
                "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                setting.key,
                setting.value,
            )

    def move(self, feed: contract.Feed, position: int) -> None:
        """Remember a feed as applied up to here; 0 asks for all of it again."""
        self._connection.execute(
            "INSERT INTO cursors (feed, position) VALUES (?, ?) "
            "ON CONFLICT (feed) DO UPDATE SET position = excluded.position",
            feed,
            position,
        )

    def hear(self, message_id: str) -> None:
        self._connection.execute(
            "INSERT INTO withdrawals_heard (message_id) VALUES (?) ON CONFLICT DO NOTHING",
            message_id,
        )

    def keep_early(self, made: contract.PurchaseMade) -> None:
        """Keep a purchase until its member is known."""
        self._connection.execute(
            "INSERT INTO early_purchases (purchase_id, member_id, body) VALUES (?, ?, ?) "
            "ON CONFLICT (purchase_id) DO UPDATE SET body = excluded.body",
            made.purchase_id,
            made.member_id,
            contract.encode(made).decode(),
        )

    def take_early(self, member_id: str) -> list[contract.PurchaseMade]:
        """The purchases that came before their member, and are kept no longer."""
        rows = self._connection.execute(
            "DELETE FROM early_purchases WHERE member_id = ? RETURNING body", member_id
        )
        return [msgspec.json.decode(row["body"], type=contract.PurchaseMade) for row in rows]

    def refuse(self, feed: contract.Feed, change: contract.Change, code: str, at: datetime) -> None:
        """Keep a change that cannot be applied, as it came, and the first time that it did."""
        self._connection.execute(
            "INSERT INTO refused_changes (feed, position, code, body, refused_at) "
            "VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (feed, position) DO UPDATE SET code = excluded.code, body = excluded.body",
            feed,
            change.position,
            code,
            bytes(change.message).decode(errors="backslashreplace"),
            moment(at),
        )

    def settle(self, feed: contract.Feed, after: int, up_to: int, *, keep: Iterable[int]) -> None:
        """Let changes out of quarantine that a part of a feed, read again, brings no more."""
        self._connection.execute(
            "DELETE FROM refused_changes WHERE feed = ? AND position > ? AND position <= ? "
            "AND position NOT IN (SELECT value FROM json_each(?))",
            feed,
            after,
            up_to,
            msgspec.json.encode(list(keep)).decode(),
        )

    def read_again(self) -> int:
        """Go back in each feed before the first change in quarantine; returns how many there are.

        They stay there until they are taken in, or a later state of the same thing was.
        """
        self._connection.execute(
            "UPDATE cursors SET position = min(position, (SELECT min(held.position) - 1 "
            "FROM refused_changes AS held WHERE held.feed = cursors.feed)) "
            "WHERE feed IN (SELECT feed FROM refused_changes)"
        )
        return self.held_count()

    def keep_hearing(self, hearing: Hearing) -> None:
        self._connection.execute(
            "INSERT INTO hearing (one, heard_at, spent_s) VALUES (1, ?, ?) ON CONFLICT (one) "
            "DO UPDATE SET heard_at = excluded.heard_at, spent_s = excluded.spent_s",
            moment(hearing.heard_at),
            hearing.spent.total_seconds(),
        )

    def keep_in_line(self, at: datetime) -> None:
        self._connection.execute(
            "INSERT INTO in_line (one, at) VALUES (1, ?) "
            "ON CONFLICT (one) DO UPDATE SET at = excluded.at",
            moment(at),
        )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
