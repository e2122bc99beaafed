"""The tables of vouchers and their redemption: a set of migrations of its own, after ``schema``."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("regulars-vouchers")


@migrations()
def m001_vouchers(db: Database) -> None:
    db.execute("""
        CREATE TABLE campaigns (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            valid_from TEXT,
            valid_until TEXT,
            stores TEXT NOT NULL,
            window TEXT,
            uses INTEGER NOT NULL,
            holder TEXT NOT NULL,
            per_member INTEGER,
            total INTEGER,
            budget TEXT,
            minimum TEXT,
            products TEXT NOT NULL,
            categories TEXT NOT NULL,
            exclusion_group TEXT NOT NULL,
            stacks INTEGER NOT NULL,
            floor TEXT,
            offline_cap INTEGER,
            created_at TEXT NOT NULL,
            ended_at TEXT
        ) STRICT""")
    db.execute("""
        CREATE TABLE vouchers (
            id TEXT PRIMARY KEY,
            campaign_id TEXT NOT NULL REFERENCES campaigns (id),
            code TEXT UNIQUE,
            member_id TEXT,
            channel TEXT NOT NULL,
            key_id TEXT NOT NULL,
            issued_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("CREATE INDEX vouchers_of_member ON vouchers (member_id) WHERE member_id NOT NULL")
    db.execute("""
        CREATE TABLE revocations (
            subject TEXT PRIMARY KEY,
            revoked_at TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE leases (
            id TEXT PRIMARY KEY,
            campaign_id TEXT NOT NULL,
            voucher_id TEXT,
            uses INTEGER NOT NULL,
            budget TEXT,
            granted_at TEXT NOT NULL,
            expires_at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX leases_of_campaign ON leases (campaign_id, voucher_id, granted_at)")


@migrations()
def m002_redemptions(db: Database) -> None:
    db.execute("""
        CREATE TABLE redemptions (
            id TEXT PRIMARY KEY,
            voucher_id TEXT NOT NULL,
            campaign_id TEXT NOT NULL,
            member_id TEXT,
            store_id TEXT NOT NULL,
            basket_id TEXT,
            discount TEXT,
            lease_id TEXT,
            unleased INTEGER NOT NULL,
            state TEXT NOT NULL,
            expires_at TEXT NOT NULL,
            changed_at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX redemptions_of_voucher ON redemptions (voucher_id)")
    db.execute("CREATE INDEX reservations ON redemptions (expires_at) WHERE state = 'reserved'")
    db.execute(
        "CREATE INDEX redemptions_of_basket ON redemptions (basket_id) WHERE basket_id NOT NULL"
    )
    # The primary key makes each request happen once.
    db.execute("""
        CREATE TABLE redemption_steps (
            request_id TEXT PRIMARY KEY,
            content TEXT NOT NULL,
            redemption_id TEXT NOT NULL REFERENCES redemptions (id),
            state TEXT NOT NULL,
            actor TEXT NOT NULL,
            device TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX steps_of_redemption ON redemption_steps (redemption_id)")
    db.execute("""
        CREATE TABLE tallies (
            subject TEXT PRIMARY KEY,
            uses INTEGER NOT NULL,
            spent TEXT NOT NULL
        ) STRICT, WITHOUT ROWID""")


@migrations()
def m003_showings_and_redemptions_elsewhere(db: Database) -> None:
    db.execute("""
        CREATE TABLE foreign_uses (
            id TEXT PRIMARY KEY,
            voucher_id TEXT NOT NULL,
            campaign_id TEXT NOT NULL,
            member_id TEXT,
            store_id TEXT NOT NULL,
            discount TEXT,
            state TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX foreign_uses_of_voucher ON foreign_uses (voucher_id)")
    db.execute("""
        CREATE TABLE double_uses (
            voucher_id TEXT PRIMARY KEY,
            campaign_id TEXT NOT NULL,
            granted INTEGER NOT NULL,
            stores TEXT NOT NULL,
            redeemed INTEGER NOT NULL,
            found_at TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE showings (
            voucher_id TEXT NOT NULL,
            actor TEXT NOT NULL,
            device TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (voucher_id, at, device)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE latest_time (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            at TEXT NOT NULL
        ) STRICT""")


@migrations()
def m004_issuing(db: Database) -> None:
    db.execute("""
        CREATE TABLE voucher_keys (
            id TEXT PRIMARY KEY,
            public BLOB NOT NULL,
            created_at TEXT NOT NULL,
            retired_at TEXT
        ) STRICT""")
    db.execute("""
        CREATE TABLE batches (
            id TEXT PRIMARY KEY,
            campaign_id TEXT NOT NULL REFERENCES campaigns (id),
            first_number INTEGER NOT NULL UNIQUE,
            count INTEGER NOT NULL,
            channel TEXT NOT NULL,
            key_id TEXT NOT NULL REFERENCES voucher_keys (id),
            issued_at TEXT NOT NULL,
            written_at TEXT
        ) STRICT""")
    # As codes are compared, whatever their spelling on paper.
    db.execute("ALTER TABLE vouchers ADD COLUMN code_key TEXT")
    db.execute("UPDATE vouchers SET code_key = upper(code)")
    db.execute("CREATE UNIQUE INDEX vouchers_by_code ON vouchers (code_key)")
    db.execute("CREATE INDEX batches_of_campaign ON batches (campaign_id, first_number)")
    db.execute("CREATE INDEX vouchers_of_campaign ON vouchers (campaign_id)")
    db.execute("CREATE INDEX redemptions_of_campaign ON redemptions (campaign_id)")
    db.execute("CREATE INDEX foreign_uses_of_campaign ON foreign_uses (campaign_id)")


@migrations()
def m005_showings_in_order(db: Database) -> None:
    # Debian 12's SQLite, 3.40, takes the columns of a table WITHOUT ROWID in the wrong order when
    # it looks for NULLs, and calls the database damaged where the key's do not stand first.
    db.execute("ALTER TABLE showings RENAME TO showings_before")
    db.execute("""
        CREATE TABLE showings (
            voucher_id TEXT NOT NULL,
            at TEXT NOT NULL,
            device TEXT NOT NULL,
            actor TEXT NOT NULL,
            PRIMARY KEY (voucher_id, at, device)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        INSERT INTO showings (voucher_id, at, device, actor)
        SELECT voucher_id, at, device, actor FROM showings_before""")
    db.execute("DROP TABLE showings_before")
