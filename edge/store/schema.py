"""The tables, as migrations. Each is recorded in the transaction that makes its change.

Times are RFC 3339 text in UTC with microseconds, so that they sort as they follow each other.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("regulars")


@migrations()
def m001_members(db: Database) -> None:
    db.execute("""
        CREATE TABLE members (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            card_number TEXT UNIQUE COLLATE NOCASE,
            phone TEXT,
            language TEXT NOT NULL,
            age_band TEXT,
            sizes TEXT NOT NULL,
            preferences TEXT NOT NULL,
            do_not_disturb INTEGER NOT NULL,
            joined_at TEXT NOT NULL,
            updated_at TEXT NOT NULL,
            name_folded TEXT NOT NULL,
            phone_digits TEXT UNIQUE,
            phone_reversed TEXT
        ) STRICT""")
    # Search by name reads this index alone, a few megabytes, and never the table.
    db.execute("CREATE INDEX members_by_name ON members (name_folded, id)")
    db.execute("CREATE INDEX members_by_phone_ending ON members (phone_reversed)")
    db.execute("""
        CREATE TABLE notes (
            id TEXT PRIMARY KEY,
            member_id TEXT NOT NULL REFERENCES members (id),
            text TEXT NOT NULL,
            author TEXT NOT NULL,
            written_at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX notes_of_member ON notes (member_id, written_at)")
    db.execute("""
        CREATE TABLE purchases (
            id TEXT PRIMARY KEY,
            member_id TEXT NOT NULL REFERENCES members (id),
            item TEXT NOT NULL,
            category TEXT NOT NULL,
            amount TEXT NOT NULL,
            currency TEXT NOT NULL,
            bought_at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX purchases_of_member ON purchases (member_id, bought_at)")


@migrations()
def m002_visits_and_outbox(db: Database) -> None:
    db.execute("""
        CREATE TABLE visits (
            id TEXT PRIMARY KEY,
            member_id TEXT NOT NULL REFERENCES members (id),
            arrived_by TEXT NOT NULL,
            claim TEXT NOT NULL,
            place TEXT NOT NULL,
            opened_at TEXT NOT NULL,
            last_seen_at TEXT NOT NULL,
            closed_at TEXT,
            answered_by TEXT,
            answered_at TEXT
        ) STRICT""")
    db.execute("CREATE INDEX visits_of_member ON visits (member_id, opened_at)")
    db.execute("CREATE UNIQUE INDEX one_open_visit ON visits (member_id) WHERE closed_at IS NULL")
    # AUTOINCREMENT never gives a number twice, so the order of delivery is the order of events.
    db.execute("""
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            body TEXT NOT NULL
        ) STRICT""")


@migrations()
def m003_consents_and_templates(db: Database) -> None:
    db.execute("""
        CREATE TABLE consents (
            id TEXT PRIMARY KEY,
            member_id TEXT NOT NULL REFERENCES members (id),
            notice_version TEXT NOT NULL,
            language TEXT NOT NULL,
            given_at TEXT NOT NULL,
            withdrawn_at TEXT,
            receipt TEXT NOT NULL,
            signature TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX consents_of_member ON consents (member_id, given_at)")
    db.execute(
        "CREATE UNIQUE INDEX one_active_consent ON consents (member_id) WHERE withdrawn_at IS NULL"
    )
    db.execute("""
        CREATE TABLE templates (
            id TEXT PRIMARY KEY,
            member_id TEXT NOT NULL REFERENCES members (id),
            consent_id TEXT NOT NULL REFERENCES consents (id),
            model TEXT NOT NULL,
            rotation TEXT NOT NULL,
            sealed BLOB NOT NULL,
            quality REAL NOT NULL,
            made_at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX templates_of_member ON templates (member_id, made_at)")
    db.execute("CREATE INDEX templates_of_consent ON templates (consent_id)")


@migrations()
def m004_sessions(db: Database) -> None:
    db.execute("""
        CREATE TABLE sessions (
            id TEXT PRIMARY KEY,
            guide_name TEXT NOT NULL,
            role TEXT NOT NULL,
            device TEXT NOT NULL,
            token_hash TEXT NOT NULL UNIQUE,
            paired_at TEXT NOT NULL,
            last_used_at TEXT NOT NULL,
            revoked_at TEXT
        ) STRICT""")
    db.execute("""
        CREATE TABLE pairing_codes (
            code_hash TEXT PRIMARY KEY,
            guide_name TEXT NOT NULL,
            role TEXT NOT NULL,
            created_at TEXT NOT NULL,
            expires_at TEXT NOT NULL
        ) STRICT""")


@migrations()
def m005_audit(db: Database) -> None:
    db.execute("""
        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            reason TEXT NOT NULL,
            previous_hash TEXT NOT NULL,
            hash TEXT NOT NULL,
            signature TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX audit_of_subject ON audit (subject, sequence)")
    for verb in ("UPDATE", "DELETE"):
        db.execute(
            f"CREATE TRIGGER audit_refuses_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
        )


@migrations()
def m006_guards(db: Database) -> None:
    # Who was named and who it was, never how alike: a score would be a stranger's.
    db.execute("""
        CREATE TABLE guards (
            id TEXT PRIMARY KEY,
            member_id TEXT NOT NULL REFERENCES members (id) ON DELETE CASCADE,
            other_id TEXT REFERENCES members (id) ON DELETE CASCADE,
            set_by TEXT NOT NULL,
            set_at TEXT NOT NULL,
            ends_at TEXT NOT NULL
        ) STRICT""")
    db.execute("CREATE INDEX guards_of_member ON guards (member_id)")
    db.execute("CREATE INDEX guards_of_other ON guards (other_id)")
