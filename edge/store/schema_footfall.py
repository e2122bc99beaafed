"""Aggregated visit data: a set of migrations of its own. Sums of quarters, and nobody's row."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("regulars-footfall")

# The quarter that a time falls in, as the time it begins.
_QUARTER = (
    "substr({at}, 1, 14) || printf('%02d', CAST(substr({at}, 15, 2) AS INTEGER) / 15 * 15) "
    "|| ':00.000000Z'"
)


@migrations()
def m001_footfall(db: Database) -> None:
    # A row says that somebody counted, be it nobody.
    db.execute("""
        CREATE TABLE footfall_counts (
            starts_at TEXT NOT NULL,
            zone TEXT NOT NULL,
            direction TEXT NOT NULL,
            people INTEGER NOT NULL,
            PRIMARY KEY (starts_at, zone, direction)
        ) STRICT, WITHOUT ROWID""")
    # AUTOINCREMENT never gives a position twice: a revised row stands at a new one.
    db.execute("""
        CREATE TABLE footfall_rows (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            starts_at TEXT NOT NULL,
            period TEXT NOT NULL,
            zone TEXT NOT NULL,
            body TEXT NOT NULL,
            UNIQUE (starts_at, period, zone)
        ) STRICT""")
    db.execute("""
        CREATE TABLE footfall_days (
            starts_at TEXT PRIMARY KEY,
            zones TEXT NOT NULL,
            told TEXT NOT NULL,
            spent_millis INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""")
    # Quarters of which something is not told yet, marked in the transaction of the fact itself.
    db.execute("""
        CREATE TABLE footfall_changed (
            starts_at TEXT PRIMARY KEY
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX visits_by_time ON visits (opened_at)")
    mark = "INSERT INTO footfall_changed (starts_at)"
    once = "ON CONFLICT DO NOTHING"  # OR IGNORE would give way to the outer statement's clause
    old, new = _QUARTER.format(at="old.opened_at"), _QUARTER.format(at="new.opened_at")
    for name, event, at in (
        ("opened", "INSERT ON visits", new),
        ("answered", "UPDATE OF claim, answered_at, closed_at ON visits", new),
        ("erased", "DELETE ON visits", old),
        ("sold", "INSERT ON sales", _QUARTER.format(at="new.sold_at")),
        ("counted", "INSERT ON footfall_counts", "new.starts_at"),
        ("counted_more", "UPDATE ON footfall_counts", "new.starts_at"),
    ):
        db.execute(
            f"CREATE TRIGGER footfall_{name} AFTER {event} BEGIN {mark} VALUES ({at}) {once}; END"
        )
    for table, at in (("visits", "opened_at"), ("sales", "sold_at")):
        quarter = _QUARTER.format(at=at)
        db.execute(f"{mark} SELECT DISTINCT {quarter} FROM {table} WHERE true {once}")
