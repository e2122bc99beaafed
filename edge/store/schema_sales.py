"""The table of sales: a set of migrations of its own."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("regulars-sales")


@migrations()
def m001_sales(db: Database) -> None:
    db.execute("""
        CREATE TABLE sales (
            id TEXT PRIMARY KEY,
            receipt_id TEXT NOT NULL,
            member_id TEXT REFERENCES members (id),
            amount TEXT NOT NULL,
            currency TEXT NOT NULL,
            sold_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX sales_by_time ON sales (sold_at)")
    db.execute("CREATE INDEX sales_of_member ON sales (member_id) WHERE member_id NOT NULL")
