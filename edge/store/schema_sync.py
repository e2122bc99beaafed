"""What the exchange with headquarters remembers: a set of migrations of its own."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("regulars-sync")


@migrations()
def m001_exchange(db: Database) -> None:
    db.execute("ALTER TABLE outbox ADD COLUMN aggregate TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE outbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE outbox ADD COLUMN refused TEXT")
    db.execute(
        "UPDATE outbox SET aggregate = coalesce("
        "json_extract(body, '$.voucher_id'), json_extract(body, '$.member_id'), ''), "
        "urgent = json_extract(body, '$.type') = 'ConsentWithdrawn'"
    )
    db.execute("CREATE INDEX outbox_line ON outbox (urgent DESC, id)")
    db.execute("CREATE INDEX outbox_of_aggregate ON outbox (aggregate, id)")
    db.execute("CREATE INDEX outbox_refused ON outbox (aggregate, id) WHERE refused IS NOT NULL")
    db.execute("""
        CREATE TABLE cursors (
            feed TEXT PRIMARY KEY,
            position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE withdrawals_heard (
            message_id TEXT PRIMARY KEY
        ) STRICT, WITHOUT ROWID""")
    # What headquarters sent and this store could not take, for a person to look at.
    db.execute("""
        CREATE TABLE refused_changes (
            feed TEXT NOT NULL,
            position INTEGER NOT NULL,
            code TEXT NOT NULL,
            body TEXT NOT NULL,
            PRIMARY KEY (feed, position)
        ) STRICT, WITHOUT ROWID""")


@migrations()
def m002_line(db: Database) -> None:
    for table in ("outbox", "refused_changes"):
        db.execute(f"ALTER TABLE {table} ADD COLUMN refused_at TEXT")
    # When the withdrawals were last heard to their end, and how long that is certainly ago.
    db.execute("""
        CREATE TABLE hearing (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            heard_at TEXT NOT NULL,
            spent_s REAL NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE in_line (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            at TEXT NOT NULL
        ) STRICT""")


@migrations()
def m003_purchases_that_came_first(db: Database) -> None:
    # A feed holds a member at the place of their last change, which may be after a purchase.
    db.execute("""
        CREATE TABLE early_purchases (
            purchase_id TEXT PRIMARY KEY,
            member_id TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX early_purchases_of_member ON early_purchases (member_id)")


@migrations()
def m004_settings(db: Database) -> None:
    db.execute("""
        CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")


@migrations()
def m005_merged_members(db: Database) -> None:
    db.execute("""
        CREATE TABLE merged_members (
            loser TEXT PRIMARY KEY,
            survivor TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX merged_into ON merged_members (survivor)")
    # What moved, so that an unmerge can move it back.
    db.execute("""
        CREATE TABLE merged_rows (
            kind TEXT NOT NULL,
            row_id TEXT NOT NULL,
            loser TEXT NOT NULL,
            PRIMARY KEY (kind, row_id, loser)
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX merged_rows_of ON merged_rows (loser)")


@migrations()
def m006_releases(db: Database) -> None:
    # What headquarters wants to run here, and what it was last told of that.
    db.execute("""
        CREATE TABLE wanted_release (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            version TEXT
        ) STRICT""")
    db.execute("""
        CREATE TABLE told_release (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            told TEXT NOT NULL
        ) STRICT""")
