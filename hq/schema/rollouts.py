"""Releases on their way to the stores, and what each store runs.

A rollout goes by waves, each a share of the stores or some by name; at most one is on. A store is
in one wave of it, and ``sent_at`` says when it was told, once. ``publisher`` has one row at most.
"""

SQL = """
CREATE TABLE rollouts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version text NOT NULL,
    waves int[] NOT NULL,
    wave int NOT NULL DEFAULT 0,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    stopped_at timestamptz,
    because text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX one_rollout ON rollouts ((true)) WHERE ended_at IS NULL AND stopped_at IS NULL;
CREATE TABLE releases (
    store_id text PRIMARY KEY REFERENCES stores,
    version text NOT NULL,
    tried text,
    outcome text,
    told_at timestamptz NOT NULL
);
"""

BY_STORE = """
ALTER TABLE rollouts ALTER COLUMN waves TYPE jsonb USING to_jsonb(waves);
ALTER TABLE rollouts ADD COLUMN hours int NOT NULL DEFAULT 0;
ALTER TABLE rollouts ADD COLUMN well_at timestamptz;
ALTER TABLE rollouts ADD COLUMN failed text REFERENCES stores;
CREATE TABLE rollout_stores (
    rollout_id bigint NOT NULL REFERENCES rollouts,
    store_id text NOT NULL REFERENCES stores,
    wave int NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (rollout_id, store_id)
);
INSERT INTO rollout_stores (rollout_id, store_id, wave, sent_at)
    SELECT r.id, f.store_id, r.wave, r.begun_at FROM rollouts r JOIN feed f
    ON f.subject LIKE 'release:%' AND f.body::json->>'release' = r.version
    WHERE r.stopped_at IS NULL;
CREATE TABLE publisher (url text NOT NULL, root bytea NOT NULL);
CREATE UNIQUE INDEX one_publisher ON publisher ((true));
"""
