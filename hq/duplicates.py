"""Members who may be one person: the same phone, the same card, or the same name and the end of a
phone number. Only a person decides whether they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from hq.schema import Connection

_FIND = """
WITH each AS MATERIALIZED (
    SELECT id, joined_at, lower(btrim(profile::jsonb->>'name')) AS name,
        ltrim(regexp_replace(profile::jsonb->>'phone', '[^0-9]', '', 'g'), '0') AS phone,
        upper(profile::jsonb->>'card_number') AS card
    FROM members WHERE NOT EXISTS (SELECT 1 FROM merges WHERE loser = members.id)),
pairs AS (
    SELECT a.id AS one, b.id AS other, 'phone' AS why FROM each a JOIN each b USING (phone)
    WHERE length(phone) >= 4
    UNION ALL SELECT a.id, b.id, 'card' FROM each a JOIN each b USING (card) WHERE card <> ''
    UNION ALL SELECT a.id, b.id, 'name and end of phone' FROM each a
    JOIN each b ON a.name = b.name AND right(a.phone, 4) = right(b.phone, 4)
    WHERE a.name <> '' AND length(a.phone) >= 4 AND length(b.phone) >= 4)
SELECT first.id AS first, second.id AS second, array_agg(DISTINCT why ORDER BY why) AS why
FROM pairs JOIN each AS first ON first.id = one JOIN each AS second ON second.id = other
WHERE (first.joined_at, first.id) < (second.joined_at, second.id)
GROUP BY first.id, second.id ORDER BY count(DISTINCT why) DESC, first.id, second.id LIMIT $1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two members, the one who joined first named first, and what speaks for it."""

    first: str
    second: str
    why: tuple[str, ...]


async def find(connection: Connection, most: int) -> list[Pair]:
    """The pairs with the most reasons first."""
    rows = await connection.fetch(_FIND, most)
    return [Pair(first=row["first"], second=row["second"], why=tuple(row["why"])) for row in rows]
