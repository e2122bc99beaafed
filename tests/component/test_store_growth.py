"""Migrations only add: a program that knows the tables of before goes on with those of after."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from edge.rules.growth import breaks
from edge.store.migrating import GROUPS, migrate, shapes, try_on

BEFORE_THE_FIRST_RELEASE = {"regulars-vouchers.m004_issuing", "regulars-footfall.m001_footfall"}
"""Nobody ran a program that these could break. The list grows no more."""

VALUES = {"TEXT": "x", "INTEGER": 1, "REAL": 0.5, "BLOB": b"x", "ANY": "x"}

TABLES = """
CREATE TABLE members (id TEXT PRIMARY KEY, name TEXT NOT NULL, CHECK (length(name) > 0)) STRICT;
CREATE TABLE notes (
    id TEXT PRIMARY KEY, member_id TEXT NOT NULL REFERENCES members (id), text TEXT
) STRICT;
CREATE UNIQUE INDEX one_note ON notes (member_id) WHERE text = '';
CREATE TRIGGER keep BEFORE DELETE ON notes BEGIN SELECT RAISE(ABORT, 'kept'); END;
"""


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE favours (id TEXT PRIMARY KEY, of TEXT NOT NULL REFERENCES members (id))",
        "ALTER TABLE members ADD COLUMN born TEXT",
        "ALTER TABLE members ADD COLUMN points INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX notes_by_text ON notes (text)",
        "CREATE VIEW named AS SELECT name FROM members",
    ],
)
def test_what_is_added_breaks_nothing(change: str) -> None:
    assert judged(change) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DROP TABLE notes", "table notes is gone"),
        ("ALTER TABLE notes RENAME TO remarks", "table notes is gone"),
        ("ALTER TABLE notes DROP COLUMN id", None),
        ("ALTER TABLE members RENAME COLUMN name TO called", "members.name is gone or another"),
        ("CREATE UNIQUE INDEX names ON members (name)", "members takes other rows"),
        ("DROP TRIGGER keep", "notes takes other rows"),
        (
            "CREATE TRIGGER no BEFORE INSERT ON members BEGIN SELECT RAISE(ABORT, 'no'); END",
            "members takes other rows",
        ),
        (
            "DROP TABLE notes; CREATE TABLE notes (id TEXT PRIMARY KEY, member_id TEXT NOT NULL "
            "REFERENCES members (id), text TEXT, author TEXT NOT NULL) STRICT",
            "notes.author has to be given",
        ),
    ],
)
def test_what_goes_or_refuses_more_breaks(change: str, says: str | None) -> None:
    if says is None:
        with pytest.raises(sqlite3.OperationalError):  # SQLite itself keeps a key
            judged(change)
        return
    assert says in judged(change)


def judged(change: str) -> list[str]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(TABLES)
        before = shapes(database)
        database.executescript(change)
        return breaks(before, shapes(database))


def test_every_migration_of_ours_leaves_a_database_that_the_one_before_can_use() -> None:
    """Step by step, in the order in which they were made."""
    found = set()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        database = Database(raw, execute_plugins=False)
        for group in GROUPS:
            names = [migration.name for migration in group.pending(database)]
            for name, following in zip(names, [*names[1:], None], strict=True):
                before = shapes(raw)
                group.apply(database, stop_before=following)
                if breaks(before, shapes(raw)):
                    found.add(f"{group.name}.{name}")
    assert found == BEFORE_THE_FIRST_RELEASE


def test_a_copy_is_tried_and_the_data_stay_as_they_are(tmp_path: Path) -> None:
    place = tmp_path / "regulars.db"
    place.touch()
    before, after = try_on(place)
    assert before == {}
    assert {"members", "redemptions", "outbox"} <= after.keys()
    assert try_on(place) == (after, after)


@pytest.mark.parametrize("check", ["quick_check", "integrity_check"])
def test_a_row_in_every_table_is_called_no_damage(check: str) -> None:
    """A gateway whose database is called damaged does not start.

    SQLite 3.40 sees a NULL that is not there in a table WITHOUT ROWID whose key's columns do not
    stand first.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as raw:
        migrate(Database(raw, execute_plugins=False))
        raw.execute("PRAGMA ignore_check_constraints = ON")
        for table, shape in shapes(raw).items():
            columns = [name for name, (kind, *_) in shape.columns.items() if kind]
            values = [VALUES[shape.columns[name][0]] for name in columns]
            marks = ", ".join("?" * len(columns))
            raw.execute(f"REPLACE INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)
            assert raw.execute(f"PRAGMA {check}").fetchall() == [("ok",)], table
