"""Members who are the same person, and members who were erased."""

SQL = """
CREATE TABLE merges (
    loser text PRIMARY KEY,
    survivor text NOT NULL,
    merged_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX merges_into ON merges (survivor);
CREATE TABLE erased_members (
    id text PRIMARY KEY,
    erased_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE erasures (
    member_id text NOT NULL,
    store_id text NOT NULL,
    proven_at timestamptz NOT NULL,
    audit_sequence bigint NOT NULL,
    audit_hash text NOT NULL,
    signature text NOT NULL,
    PRIMARY KEY (member_id, store_id)
);
"""
