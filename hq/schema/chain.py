"""What headquarters gives the stores: campaigns, leases, and keys of the configuration."""

SQL = """
CREATE TABLE campaigns (
    id text PRIMARY KEY,
    terms text NOT NULL,
    created_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE TABLE leases (
    id text PRIMARY KEY,
    campaign_id text NOT NULL,
    store_id text NOT NULL REFERENCES stores,
    voucher_id text,
    uses bigint NOT NULL,
    budget numeric,
    currency text,
    granted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    lasts interval NOT NULL,
    renews boolean NOT NULL
);
-- An empty store_id is every store.
CREATE TABLE settings (
    store_id text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (store_id, key)
);
"""

FORGOTTEN = """
-- What a store that was put back from a backup took of its leases and does not know any more.
CREATE TABLE forgotten_uses (
    redemption_id text PRIMARY KEY,
    lease_id text NOT NULL REFERENCES leases,
    discount numeric
);
CREATE INDEX forgotten_uses_of ON forgotten_uses (lease_id);
"""
