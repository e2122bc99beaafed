"""Forgetting a member for good, here and in every store.

What was counted stays counted, with nobody's name on it. Which ids were erased is kept, so that
nothing a store tells later brings them back; the store proves each erasure by a signed entry of
its audit log.
"""

from __future__ import annotations

import msgspec

from edge.contract import (
    ErasureProven,
    MemberErased,
    Message,
    RedemptionChanged,
    SaleMade,
    member_of,
)
from hq import feed, identity
from hq.envelope import envelope
from hq.problems import Mistake
from hq.schema import Connection

_FORGET = (
    "DELETE FROM sale_lines USING sales WHERE sale_id = sales.id AND member_id = ANY($1::text[])",
    "UPDATE sales SET member_id = NULL, told_of = NULL WHERE member_id = ANY($1::text[])",
    "UPDATE redemptions SET member_id = NULL, told_of = NULL WHERE member_id = ANY($1::text[])",
    "DELETE FROM visits WHERE member_id = ANY($1::text[])",
    "DELETE FROM consents WHERE member_id = ANY($1::text[])",
    "DELETE FROM member_history WHERE member_id = ANY($1::text[])",
    "DELETE FROM figures_regulars WHERE member_id = ANY($1::text[])",
    "DELETE FROM members WHERE id = ANY($1::text[])",
    "UPDATE events SET body = '{}' WHERE body->>'member_id' = ANY($1::text[])",
    "DELETE FROM feed WHERE body::json->>'member_id' = ANY($1::text[])",
    "DELETE FROM quarantine USING unnest($1::text[]) AS gone "
    "WHERE position(convert_to(gone, 'UTF8') IN body) > 0",
)
KEPT = "{}"
"""What is left of a message about somebody who was erased: that it came."""


async def erase(connection: Connection, member_id: str) -> list[str]:
    """Forget a member and all that were merged with them; returns their ids.

    Raises ``Mistake`` where nobody has, or had, this id.
    """
    await identity.alone(connection)
    root = (await identity.roots(connection, [member_id]))[member_id]
    ids = await identity.below(connection, [root])
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM members WHERE id = $1) "
        "OR EXISTS (SELECT 1 FROM erased_members WHERE id = $1)",
        root,
    )
    if not found:
        raise Mistake(f"no member has the id {member_id}")
    for statement in _FORGET:
        await connection.execute(statement, ids)
    await connection.execute("DELETE FROM merges WHERE survivor = ANY($1::text[])", ids)
    await connection.execute(
        "INSERT INTO erased_members (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", ids
    )
    told = [(each, MemberErased(member_id=each, **envelope())) for each in ids]
    await feed.append(connection, "withdrawals", [*told])
    await feed.append(
        connection, "changes", [(f"member:{each}", message) for each, message in told]
    )
    return ids


def without(message: Message, erased: set[str]) -> Message | None:
    """What may still be taken of a message: a sum without a name, or nothing."""
    if isinstance(message, ErasureProven) or member_of(message) not in erased:
        return message
    match message:
        case SaleMade():
            return msgspec.structs.replace(message, member_id=None, lines=())
        case RedemptionChanged():
            return msgspec.structs.replace(message, member_id=None)
    return None


async def prove(connection: Connection, proofs: list[ErasureProven]) -> None:
    """Keep the stores' proofs."""
    if proofs:
        await connection.execute(
            "INSERT INTO erasures SELECT * FROM unnest($1::text[], $2::text[], "
            "$3::timestamptz[], $4::bigint[], $5::text[], $6::text[]) ON CONFLICT DO NOTHING",
            [proof.member_id for proof in proofs],
            [proof.store_id for proof in proofs],
            [proof.at for proof in proofs],
            [proof.audit_sequence for proof in proofs],
            [proof.audit_hash for proof in proofs],
            [proof.signature for proof in proofs],
        )


async def unproven(connection: Connection) -> list[tuple[str, list[str]]]:
    """Each member who was erased, with the stores whose proof has not come yet."""
    rows = await connection.fetch(
        "SELECT erased_members.id, array_remove(array_agg(stores.id ORDER BY stores.id) FILTER "
        "(WHERE erasures.store_id IS NULL), NULL) AS missing FROM erased_members "
        "CROSS JOIN stores LEFT JOIN erasures ON member_id = erased_members.id "
        "AND erasures.store_id = stores.id GROUP BY erased_members.id ORDER BY erased_members.id"
    )
    return [(row["id"], list(row["missing"] or ())) for row in rows]
