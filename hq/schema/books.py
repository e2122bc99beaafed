"""The names of certificates, by which a NATS server knows them, and what was refused of stores."""

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
