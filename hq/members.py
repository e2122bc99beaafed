"""Member master data: each edit counts field by field, and what lost stays in the history."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from edge.contract import HEADQUARTERS, Lost, MemberChanged, MemberKnown, Profile, Stamp, merge
from hq.schema import Connection


async def take(connection: Connection, edits: list[MemberChanged]) -> list[MemberKnown]:
    """Merge edits into the master data; returns the members as they are now."""
    known: dict[str, MemberKnown] = {}
    # Sorted, so that two instances lock the same members in the same order.
    for edit in sorted(edits, key=lambda edit: edit.member_id):
        known[edit.member_id] = await _merge(connection, edit)
    return list(known.values())


async def _merge(connection: Connection, edit: MemberChanged) -> MemberKnown:
    now = datetime.now(UTC)
    await connection.execute(
        "INSERT INTO members (id, joined_at, profile, stamps) VALUES ($1, $2, '{}', '[]') "
        "ON CONFLICT DO NOTHING",
        *(edit.member_id, edit.joined_at or edit.at),
    )
    row = await connection.fetchrow(
        "SELECT * FROM members WHERE id = $1 FOR UPDATE", edit.member_id
    )
    assert row is not None
    merged = merge(
        msgspec.json.decode(row["profile"], type=Profile),
        msgspec.json.decode(row["stamps"], type=tuple[Stamp, ...]),
        edit.profile,
        at=min(edit.at, now),  # a clock that is ahead must not win for hours
        by=edit.store_id,
    )
    await connection.execute(
        "UPDATE members SET profile = $2, stamps = $3 WHERE id = $1",
        edit.member_id,
        msgspec.json.encode(merged.profile).decode(),
        msgspec.json.encode(merged.stamps).decode(),
    )
    await _keep(connection, edit.member_id, merged.lost)
    return MemberKnown(
        message_id=uuid4().hex,
        store_id=HEADQUARTERS,
        at=now,
        member_id=edit.member_id,
        joined_at=row["joined_at"],
        profile=merged.profile,
        stamps=merged.stamps,
    )


async def _keep(connection: Connection, member_id: str, lost: tuple[Lost, ...]) -> None:
    await connection.executemany(
        "INSERT INTO member_history (member_id, field, value, set_at, set_by) "
        "VALUES ($1, $2, $3, $4, $5)",
        [(member_id, x.field, msgspec.json.encode(x.value).decode(), x.at, x.by) for x in lost],
    )
