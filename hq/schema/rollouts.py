"""Releases on their way to the stores, and what each store runs.

A roll-out goes by waves, each a percentage of the stores that grows to 100; at most one is on.
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
