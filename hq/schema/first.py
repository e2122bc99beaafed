"""The tables that headquarters began with.

``IF NOT EXISTS``: the databases of that time recorded no migrations, and come along.
"""

from __future__ import annotations

SQL = """
CREATE TABLE IF NOT EXISTS stores (
    id text PRIMARY KEY,
    last_contact_at timestamptz
);
CREATE TABLE IF NOT EXISTS certificates (
    fingerprint text PRIMARY KEY,
    store_id text NOT NULL REFERENCES stores,
    issued_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
CREATE TABLE IF NOT EXISTS events (
    store_id text NOT NULL REFERENCES stores,
    sequence bigint NOT NULL,
    message_id text NOT NULL,
    body jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, message_id),
    UNIQUE (store_id, sequence)
);
CREATE TABLE IF NOT EXISTS quarantine (
    store_id text NOT NULL REFERENCES stores,
    sequence bigint NOT NULL,
    code text NOT NULL,
    body bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, sequence)
);
CREATE TABLE IF NOT EXISTS members (
    id text PRIMARY KEY,
    joined_at timestamptz NOT NULL,
    profile text NOT NULL,
    stamps text NOT NULL
);
CREATE TABLE IF NOT EXISTS member_history (
    member_id text NOT NULL REFERENCES members,
    field text NOT NULL,
    value jsonb NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS withdrawn_consents (
    consent_id text PRIMARY KEY,
    member_id text NOT NULL,
    withdrawn_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS feed (
    feed text NOT NULL,
    subject text NOT NULL,
    store_id text,
    position bigint NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (feed, subject)
);
CREATE UNIQUE INDEX IF NOT EXISTS feed_order ON feed (feed, position);
CREATE SEQUENCE IF NOT EXISTS feed_position;
"""
