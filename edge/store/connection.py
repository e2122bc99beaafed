"""One SQLite connection: how it is opened, its transactions, and its errors in people's words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from sqlite_utils import Database

from edge.errors import Conflict, StoreUnavailable

BUSY_TIMEOUT_S = 2.0  # a phone gets its answer, even if it is that the store is busy

Kind = Literal["DEFERRED", "IMMEDIATE"]
_WHAT: dict[Kind, str] = {"DEFERRED": "the store cannot be read", "IMMEDIATE": "nothing was saved"}

_TROUBLE = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space and try again",
    sqlite3.SQLITE_BUSY: "another program holds the database; close it, or try again in a moment",
    sqlite3.SQLITE_LOCKED: "another program holds the database; close it, or try again in a moment",
    sqlite3.SQLITE_IOERR: "the disk reports an error; check the disk and try again",
    sqlite3.SQLITE_READONLY: "the database cannot be written; check who owns the state folder",
    sqlite3.SQLITE_CANTOPEN: "the database cannot be opened; check who owns the state folder",
    sqlite3.SQLITE_CORRUPT: "the database is damaged; stop the gateway and put back a backup",
    sqlite3.SQLITE_NOTADB: "the file is not a database; stop the gateway and put back a backup",
}

_CONFLICTS = {
    "members.card_number": (
        "card_number",
        "another member already has this card number; check the card, or open that member",
    ),
    "members.phone_digits": (
        "phone",
        "another member already has this phone number; check it, or open that member",
    ),
    "visits.member_id": ("member_id", "this member is already in the store"),
    "consents.member_id": ("member_id", "this member has already given consent"),
    "vouchers.code": ("code", "another voucher already has this code; choose another"),
    "FOREIGN KEY": (None, "what this belongs to is not there any more; reload and try again"),
}


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn SQLite's errors into ``StoreUnavailable`` or ``Conflict``; a bug of ours stays raw.

    ``what`` opens the message: what happened, before the reason and what to do.
    """
    try:
        yield
    except sqlite3.IntegrityError as error:
        for part, (field, message) in _CONFLICTS.items():
            if part in str(error):
                raise Conflict(message, field=field) from error
        raise
    except sqlite3.DatabaseError as error:
        # The low byte is the primary code; the rest tells kinds of I/O errors apart.
        reason = _TROUBLE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        if reason is None:
            raise
        raise StoreUnavailable(f"{what}: {reason}") from error


class Connection:
    """A connection whose statements run only inside one of its transactions."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._what = _WHAT["DEFERRED"]
        self._failed = False

    @contextmanager
    def transaction(self, kind: Kind) -> Iterator[None]:
        """Commit at the end, or roll back whole.

        DEFERRED reads one consistent snapshot; IMMEDIATE writes, and no other does meanwhile.
        """
        with translated(_WHAT[kind]):
            self.begin(kind)
            try:
                yield
                self.commit()
            except BaseException:  # whatever ended the story, nothing of it may be kept
                self.database.rollback()
                raise

    def begin(self, kind: Kind) -> None:
        """Begin a transaction, which ``commit`` ends."""
        self._what, self._failed = _WHAT[kind], False
        with translated(self._what):
            self.database.execute(f"BEGIN {kind}")

    def commit(self) -> None:
        """End the transaction; where that fails, nothing of it is left."""
        try:
            self._demand_whole()
            with translated(self._what):
                self.database.execute("COMMIT")
        except BaseException:  # a transaction left open would take in the next story
            self.database.rollback()
            raise

    @contextmanager
    def part(self) -> Iterator[None]:
        """A part of the open transaction that is kept or undone by itself."""
        self._demand_whole()
        with translated(self._what):
            self.database.execute("SAVEPOINT part")
            try:
                yield
                self._demand_whole()
                self.database.execute("RELEASE part")
            except BaseException:  # whatever ended this part, the others go on without it
                self._undo_part()
                raise

    def execute(self, sql: str, *parameters: object) -> Iterator[sqlite3.Row]:
        """Run one statement and yield its rows. Raises ``StoreUnavailable`` or ``Conflict``."""
        self._demand_whole()
        try:
            with translated(self._what):
                return self.database.execute(sql, parameters)
        except StoreUnavailable:
            self._failed = True
            raise

    def empty_log(self) -> None:
        """Move the write-ahead log into the database and truncate it, as far as readers let."""
        with translated("the log was not emptied"):
            self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        self.database.close()

    def _undo_part(self) -> None:
        """Where SQLite has ended the whole transaction, it stays failed until the next begins."""
        self._failed = True
        if self.database.conn.in_transaction:
            self.database.execute("ROLLBACK TO part")
            self.database.execute("RELEASE part")
            self._failed = False

    def _demand_whole(self) -> None:
        # On some errors SQLite ends the transaction, on others only the statement. A story that
        # swallowed either would commit a part of itself; it must not.
        if self._failed or not self.database.conn.in_transaction:
            raise StoreUnavailable(f"{self._what}: the transaction has ended; try again")


def open_writer(path: Path) -> Connection:
    """The connection that writes the data.

    WAL lets phones read while it writes. synchronous=FULL syncs the WAL at each commit:
    NORMAL would lose acknowledged visits and withdrawals when the power goes.
    """
    return _open(path, "journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")


def open_durable(path: Path) -> Connection:
    """The connection to the keys: rollback journal, and the folder synced at each commit."""
    return _open(path, "journal_mode = DELETE", "synchronous = EXTRA")


def open_reader(path: Path) -> Connection:
    """A connection that cannot write."""
    with translated(f"{path} cannot be used"):
        return Connection(_connect(f"file:{quote(str(path))}?mode=ro"))


def _open(path: Path, *pragmas: str) -> Connection:
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with translated(f"{path} cannot be used"), ExitStack() as opened:
        database = _connect(f"file:{quote(str(path))}?mode=rw")
        opened.callback(database.close)
        # Erased rows are overwritten with zeros, not only unlinked.
        for pragma in ("secure_delete = ON", *pragmas):
            database.execute(f"PRAGMA {pragma}").fetchall()
        (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise StoreUnavailable(
                f"{path} is damaged ({verdict}); stop the gateway and put back a backup"
            )
        opened.pop_all()
    return Connection(database)


def _connect(uri: str) -> Database:
    raw = sqlite3.connect(
        uri,
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,  # transactions are begun by name, never by the driver
        check_same_thread=False,  # a connection moves between threads, one at a time
    )
    raw.row_factory = sqlite3.Row
    return Database(raw, execute_plugins=False)
