"""The names of certificates, by which a NATS server knows them, what was refused of stores, and the
claims by which stores are admitted without a person there.
"""

SQL = """
ALTER TABLE certificates ADD COLUMN name text UNIQUE;
CREATE TABLE refusals (
    store_id text NOT NULL REFERENCES stores,
    code text NOT NULL,
    times bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (store_id, code)
);
"""

CLAIMS = """
CREATE TABLE claims (
    id text PRIMARY KEY,
    store_id text NOT NULL,
    name text NOT NULL,
    admission text NOT NULL UNIQUE,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_at timestamptz,
    used_by bytea,
    certificate text,
    CHECK ((used_at IS NULL) = (used_by IS NULL) AND (used_at IS NULL) = (certificate IS NULL))
);
CREATE INDEX claims_of_store ON claims (store_id);
"""

REFUSALS = """
ALTER TABLE claims ADD COLUMN refused_at timestamptz;
ALTER TABLE claims ADD COLUMN refused text;
ALTER TABLE claims ADD CHECK ((refused_at IS NULL) = (refused IS NULL));
"""
"""The last machine that came with a claim and was not admitted, and why: a code of the contract."""
