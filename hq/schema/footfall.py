"""Aggregated visits of all stores, and where headquarters stands in pulling each.

``body`` is the contract's row as last revised. A store is pulled where ``address`` says; ``due_at``
is when it is next anybody's turn, and while an instance is at it, when others may think it dead.
"""

from __future__ import annotations

SQL = """
CREATE TABLE footfall (
    store_id text NOT NULL REFERENCES stores,
    zone text NOT NULL,
    period text NOT NULL,
    starts_at timestamptz NOT NULL,
    revision bigint NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (store_id, zone, period, starts_at)
);
CREATE INDEX footfall_by_time ON footfall (period, starts_at);
CREATE TABLE pulls (
    store_id text PRIMARY KEY REFERENCES stores,
    address text NOT NULL,
    cursor bigint NOT NULL DEFAULT 0,
    time_zone text,
    due_at timestamptz NOT NULL DEFAULT now(),
    pulled_at timestamptz,
    failures int NOT NULL DEFAULT 0,
    trouble text
);
CREATE INDEX pulls_due ON pulls (due_at);
"""
