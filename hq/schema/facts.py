"""What happened in the stores as rows to count: visits, consents, redemptions and sales.

What a database has heard before it had these tables is filled in from its events. The rows name
no other table: they are written a thousand at once, and a check for each would cost more than
the row. ``told_of`` is the member as the store named them, where that one was merged away.
"""

from __future__ import annotations

_VISITS = """
CREATE TABLE visits (
    id text PRIMARY KEY,
    store_id text NOT NULL,
    member_id text NOT NULL,
    told_of text,
    arrived_by text,
    claim text,
    opened_at timestamptz,
    answered_at timestamptz,
    closed_at timestamptz
);
CREATE INDEX visits_of_member ON visits (member_id);
CREATE INDEX visits_of_store ON visits (store_id, opened_at);
INSERT INTO visits (id, store_id, member_id, arrived_by, claim, opened_at, answered_at, closed_at)
SELECT DISTINCT ON (id) * FROM (
    SELECT body->>'visit_id' AS id, store_id, min(body->>'member_id'), max(body->>'arrived_by'),
        coalesce(
            (array_agg(body->>'claim' ORDER BY sequence DESC)
                FILTER (WHERE body->>'type' = 'VisitAnswered'))[1],
            CASE max(body->>'arrived_by') WHEN 'face' THEN 'possible' ELSE 'certain' END),
        min((body->>'at')::timestamptz) FILTER (WHERE body->>'type' = 'VisitOpened'),
        max((body->>'at')::timestamptz) FILTER (WHERE body->>'type' = 'VisitAnswered'),
        max((body->>'at')::timestamptz) FILTER (WHERE body->>'type' = 'VisitClosed')
    FROM events WHERE body->>'type' IN ('VisitOpened', 'VisitAnswered', 'VisitClosed')
    GROUP BY body->>'visit_id', store_id) AS told;
"""
_CONSENTS = """
CREATE TABLE consents (
    id text PRIMARY KEY,
    store_id text NOT NULL,
    member_id text NOT NULL,
    told_of text,
    given_at timestamptz,
    withdrawn_at timestamptz,
    ended_by text
);
CREATE INDEX consents_of_member ON consents (member_id);
INSERT INTO consents (id, store_id, member_id, given_at, withdrawn_at, ended_by)
SELECT DISTINCT ON (id) * FROM (
    SELECT body->>'consent_id' AS id, store_id, min(body->>'member_id'),
        min((body->>'at')::timestamptz) FILTER (WHERE body->>'type' = 'ConsentGiven'),
        min((body->>'at')::timestamptz) FILTER (WHERE body->>'type' = 'ConsentWithdrawn'),
        CASE WHEN bool_or(body->>'type' = 'ConsentWithdrawn')
            THEN coalesce(max(body->>'ended_by'), 'member') END
    FROM events WHERE body->>'type' IN ('ConsentGiven', 'ConsentWithdrawn')
    GROUP BY body->>'consent_id', store_id) AS told;
DROP TABLE withdrawn_consents;
"""
_REDEMPTIONS = """
CREATE TABLE redemptions (
    id text PRIMARY KEY,
    store_id text NOT NULL,
    voucher_id text NOT NULL,
    campaign_id text NOT NULL,
    state text NOT NULL,
    member_id text,
    told_of text,
    discount numeric,
    currency text,
    at timestamptz NOT NULL
);
CREATE INDEX redemptions_of_member ON redemptions (member_id) WHERE member_id IS NOT NULL;
CREATE INDEX redemptions_of_campaign ON redemptions (campaign_id, at);
INSERT INTO redemptions (id, store_id, voucher_id, campaign_id, state, member_id, discount,
    currency, at)
SELECT DISTINCT ON (body->>'redemption_id') body->>'redemption_id', store_id,
    body->>'voucher_id', body->>'campaign_id', body->>'state', body->>'member_id',
    CASE WHEN body->>'discount' ~ '^-?[0-9]{1,12}([.][0-9]{1,6})?$'
        THEN (body->>'discount')::numeric END,
    body->>'currency', (body->>'at')::timestamptz
FROM events WHERE body->>'type' = 'RedemptionChanged'
ORDER BY body->>'redemption_id', body->>'state' = 'reversed' DESC, sequence DESC;
"""
_SALES = """
CREATE TABLE sales (
    id text PRIMARY KEY,
    store_id text NOT NULL,
    member_id text,
    told_of text,
    amount numeric NOT NULL,
    currency text NOT NULL,
    sold_at timestamptz NOT NULL
);
CREATE INDEX sales_of_member ON sales (member_id) WHERE member_id IS NOT NULL;
CREATE INDEX sales_of_store ON sales (store_id, sold_at);
CREATE TABLE sale_lines (
    sale_id text NOT NULL,
    line int NOT NULL,
    item text NOT NULL,
    category text NOT NULL,
    quantity numeric NOT NULL,
    amount numeric NOT NULL,
    gtin text,
    PRIMARY KEY (sale_id, line)
);
"""
SQL = _VISITS + _CONSENTS + _REDEMPTIONS + _SALES
