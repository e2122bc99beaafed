"""What the merchant's pages stand on: people, the audit, decisions about quarantine, figures.

``shops`` are the stores as people know them, in the zone that each says it is in. ``counted``
reads one number of a row of aggregated visits; -1 says that the store suppressed it, NULL that it
was not measured. The tables ``figures_*`` hold what ``hq.figures.working`` works out from all of
the past, and nothing that cannot be worked out again.
"""

from __future__ import annotations

_PEOPLE = """
CREATE TABLE people (
    id text PRIMARY KEY,
    name text NOT NULL,
    invited_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX people_by_name ON people (name) WHERE ended_at IS NULL;
CREATE TABLE invitations (
    code_hash bytea PRIMARY KEY,
    person_id text NOT NULL REFERENCES people,
    expires_at timestamptz NOT NULL
);
CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    person_id text NOT NULL REFERENCES people,
    begun_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL
);
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    person_id text NOT NULL REFERENCES people,
    action text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL
);
CREATE INDEX audit_of_subject ON audit (subject, id);
"""
_STORES = """
ALTER TABLE stores ADD COLUMN name text;
CREATE VIEW shops AS
    SELECT s.id, coalesce(s.name, s.id) AS name, coalesce(p.time_zone, 'UTC') AS time_zone,
        s.last_contact_at, p.pulled_at
    FROM stores s LEFT JOIN pulls p ON p.store_id = s.id;
ALTER TABLE quarantine ADD COLUMN settled_at timestamptz;
CREATE INDEX proofs ON events (store_id, (body->>'consent_id'))
    WHERE body->>'type' = 'DeletionProven';
CREATE FUNCTION counted(body jsonb, measure text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN body->'suppressed' ? measure THEN -1
        WHEN (body->>measure)::int < 0 THEN 0  -- noise around nobody
        ELSE (body->>measure)::int END
$$;
"""
_FIGURES = """
CREATE TABLE figures_worked_out (at timestamptz NOT NULL);
CREATE TABLE figures_repurchase (
    store_id text PRIMARY KEY,
    buyers int NOT NULL,
    again int NOT NULL
);
CREATE TABLE figures_cohorts (
    store_id text NOT NULL,
    month date NOT NULL,
    later int NOT NULL,
    members int NOT NULL,
    size int NOT NULL,
    PRIMARY KEY (store_id, month, later)
);
CREATE TABLE figures_regulars (
    member_id text PRIMARY KEY,
    store_id text NOT NULL,
    last_day date NOT NULL,
    usual_days double precision NOT NULL,
    longest_days int NOT NULL,
    waits int NOT NULL,
    days date[] NOT NULL,
    spent numeric NOT NULL,
    currency text NOT NULL
);
CREATE INDEX figures_regulars_of_store ON figures_regulars (store_id);
"""
SQL = _PEOPLE + _STORES + _FIGURES

SALES_BY_DAY = """
CREATE TABLE figures_sales (
    store_id text NOT NULL,
    day date NOT NULL,
    currency text NOT NULL,
    sales int NOT NULL,
    amount numeric NOT NULL,
    PRIMARY KEY (store_id, day, currency)
);
"""
