"""The tables of the catalogue, as migrations of their own; see ``schema`` for the rest."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("catalogue")


@migrations()
def c001_products(db: Database) -> None:
    db.execute("""
        CREATE TABLE products (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            category TEXT NOT NULL,
            brand TEXT,
            price TEXT,
            currency TEXT,
            updated_at TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE variants (
            gtin TEXT PRIMARY KEY,
            product_id TEXT NOT NULL REFERENCES products (id),
            sizes TEXT NOT NULL,
            stock INTEGER
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX variants_of_product ON variants (product_id)")
