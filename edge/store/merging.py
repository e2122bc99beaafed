"""Members who are the same person, and members who are forgotten: what moves, and what goes.

An id that was merged away answers for the survivor. What moved is remembered row by row, so that
it can move back.
"""

from __future__ import annotations

from decimal import Decimal

from edge.store.connection import Connection

MOVED = ("visits", "notes", "purchases", "consents", "sales", "vouchers", "redemptions",
         "foreign_uses")  # fmt: skip
DELETED = ("visits", "notes", "purchases", "templates", "consents", "early_purchases")
NAMELESS = ("sales", "vouchers", "redemptions", "foreign_uses")
UNTOLD = ("VisitOpened", "VisitAnswered", "VisitClosed", "ConsentGiven", "MemberChanged")
"""What headquarters is to hear no more of somebody who was erased; of sums it takes the name."""


class Merging:
    """Moves, and takes away, what hangs on a member. For use inside a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def survivor_of(self, member_id: str) -> str | None:
        """Whom an id that was merged away stands for."""
        rows = self._connection.execute(
            "SELECT survivor FROM merged_members WHERE loser = ?", member_id
        )
        return next((str(row["survivor"]) for row in rows), None)

    def losers_of(self, member_id: str) -> list[str]:
        """The ids that stand for this member."""
        rows = self._connection.execute(
            "SELECT loser FROM merged_members WHERE survivor = ? ORDER BY loser", member_id
        )
        return [str(row["loser"]) for row in rows]

    def name(self, loser: str, survivor: str) -> None:
        """Let an id stand for another from now on, which stands for itself."""
        self.unname(survivor)
        self._connection.execute(
            "INSERT INTO merged_members (loser, survivor) VALUES (?, ?) "
            "ON CONFLICT (loser) DO UPDATE SET survivor = excluded.survivor",
            loser,
            survivor,
        )
        self._connection.execute(
            "UPDATE early_purchases SET member_id = ? WHERE member_id = ?", survivor, loser
        )

    def unname(self, member_id: str) -> None:
        """Let an id stand for itself."""
        self._connection.execute("DELETE FROM merged_members WHERE loser = ?", member_id)

    def move(self, loser: str, survivor: str) -> None:
        """Everything of one member to another; the loser's own row goes."""
        for table in MOVED:
            self._connection.execute(
                "INSERT INTO merged_rows (kind, row_id, loser) "
                f"SELECT ?, id, member_id FROM {table} WHERE member_id = ? ON CONFLICT DO NOTHING",
                table,
                loser,
            )
            self._connection.execute(
                f"UPDATE {table} SET member_id = ? WHERE member_id = ?", survivor, loser
            )
        self._add_tallies(loser, survivor)
        self._connection.execute("DELETE FROM members WHERE id = ?", loser)

    def remember(self, table: str, row_id: str, loser: str) -> None:
        """That a row of the survivor's was told of an id that was merged away."""
        self._connection.execute(
            "INSERT INTO merged_rows (kind, row_id, loser) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            *(table, row_id, loser),
        )

    def move_back(self, loser: str) -> None:
        """What had moved away from a member who is here again."""
        for table in MOVED:
            self._connection.execute(
                f"UPDATE {table} SET member_id = ? WHERE id IN "
                "(SELECT row_id FROM merged_rows WHERE kind = ? AND loser = ?)",
                *(loser, table, loser),
            )
        self._connection.execute("DELETE FROM merged_rows WHERE loser = ?", loser)

    def erase(self, member_id: str) -> None:
        """Everything of a member; sums and uses stay, with nobody's name on them."""
        execute = self._connection.execute
        kinds = ", ".join("?" * len(UNTOLD))
        execute(
            f"DELETE FROM outbox WHERE aggregate = ? AND json_extract(body, '$.type') IN ({kinds})",
            *(member_id, *UNTOLD),
        )
        for table in DELETED:
            execute(f"DELETE FROM {table} WHERE member_id = ?", member_id)
        for table in NAMELESS:
            execute(f"UPDATE {table} SET member_id = NULL WHERE member_id = ?", member_id)
        execute("DELETE FROM tallies WHERE subject LIKE ?", f"member:%:{member_id}")
        execute("DELETE FROM merged_rows WHERE loser = ?", member_id)
        execute("DELETE FROM merged_members WHERE ? IN (loser, survivor)", member_id)
        execute("DELETE FROM members WHERE id = ?", member_id)

    def _add_tallies(self, loser: str, survivor: str) -> None:
        """A limit for each member counts what both used. It is not taken apart again."""
        execute = self._connection.execute
        for row in list(execute("SELECT * FROM tallies WHERE subject LIKE ?", f"member:%:{loser}")):
            subject = row["subject"].removesuffix(loser) + survivor
            held = list(execute("SELECT * FROM tallies WHERE subject = ?", subject))
            spent = sum((Decimal(each["spent"]) for each in held), Decimal(row["spent"]))
            execute(
                "INSERT INTO tallies (subject, uses, spent) VALUES (?, ?, ?) ON CONFLICT (subject) "
                "DO UPDATE SET uses = uses + excluded.uses, spent = excluded.spent",
                *(subject, row["uses"], str(spent)),
            )
            execute("DELETE FROM tallies WHERE subject = ?", row["subject"])
