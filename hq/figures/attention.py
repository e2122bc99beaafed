"""What needs a person: messages in quarantine, silent stores, certificates that end soon, and
deletions that no store has proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hq.authority import LIFE
from hq.figures.chain import SILENT_AFTER
from hq.schema import Connection

CERTIFICATE_NOTICE = timedelta(days=60)
PROOF_WITHIN = timedelta(hours=24)
"""An offline gateway stops matching when its lease ends, after a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """How many messages wait in how many stores, and the ids of the stores that need a look."""

    quarantined: int
    quarantined_stores: int
    silent: tuple[str, ...]
    never_heard: tuple[str, ...]
    certificates: tuple[tuple[str, datetime], ...]
    unproven: tuple[tuple[str, int], ...]

    def healthy(self) -> bool:
        return not (
            self.quarantined
            or self.silent
            or self.never_heard
            or self.certificates
            or self.unproven
        )


async def attention(connection: Connection, now: datetime) -> Attention:
    """All of it, as of ``now``."""
    waiting = await connection.fetchrow(
        "SELECT count(*) AS messages, count(DISTINCT store_id) AS stores FROM quarantine "
        "WHERE settled_at IS NULL"
    )
    stores = await connection.fetch(
        "SELECT id, last_contact_at FROM shops "
        "WHERE last_contact_at IS NULL OR last_contact_at < $1 ORDER BY last_contact_at, id",
        now - SILENT_AFTER,
    )
    ending = await connection.fetch(_CERTIFICATES, now, LIFE, CERTIFICATE_NOTICE)
    unproven = await connection.fetch(_UNPROVEN, now - PROOF_WITHIN)
    assert waiting is not None
    return Attention(
        quarantined=waiting["messages"],
        quarantined_stores=waiting["stores"],
        silent=tuple(row["id"] for row in stores if row["last_contact_at"] is not None),
        never_heard=tuple(row["id"] for row in stores if row["last_contact_at"] is None),
        certificates=tuple((row["store_id"], row["ends_at"]) for row in ending),
        unproven=tuple((row["store_id"], row["deletions"]) for row in unproven),
    )


_CERTIFICATES = """
SELECT store_id, max(issued_at) + $2::interval AS ends_at FROM certificates
WHERE revoked_at IS NULL GROUP BY store_id HAVING max(issued_at) + $2 < $1::timestamptz + $3
ORDER BY 2
"""
_UNPROVEN = """
SELECT c.store_id, count(*) AS deletions FROM consents c
WHERE c.withdrawn_at < $1 AND NOT EXISTS (
    SELECT FROM events e WHERE e.body->>'type' = 'DeletionProven'
        AND e.body->>'consent_id' = c.id AND e.store_id = c.store_id)
GROUP BY 1 ORDER BY 2 DESC, 1
"""
