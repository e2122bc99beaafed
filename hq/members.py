"""Member master data: each edit counts field by field, and what lost stays in the history.

A member who was merged into another keeps a row of their own; the other is shown as what both
say together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Self

import asyncpg
import msgspec

from edge.contract import Lost, MemberChanged, MemberKnown, Profile, Stamp, merge, together
from hq import identity
from hq.envelope import envelope
from hq.schema import Connection

_stamps = msgspec.json.Decoder(tuple[Stamp, ...]).decode
_profile = msgspec.json.Decoder(Profile).decode


@dataclass(slots=True)
class Member:
    """A member while edits are let count."""

    id: str
    joined_at: datetime
    profile: Profile
    stamps: tuple[Stamp, ...]
    lost: list[Lost] = field(default_factory=list)

    @classmethod
    def of(cls, row: asyncpg.Record) -> Self:
        return cls(row["id"], row["joined_at"], _profile(row["profile"]), _stamps(row["stamps"]))

    def edit(self, edit: Profile, *, at: datetime, by: str) -> None:
        merged = merge(self.profile, self.stamps, edit, at=at, by=by)
        self.profile, self.stamps = merged.profile, merged.stamps
        self.lost += merged.lost


async def take(connection: Connection, edits: list[MemberChanged]) -> list[MemberKnown]:
    """Merge edits into the master data; returns the members as they are now."""
    if not edits:
        return []
    now = datetime.now(UTC)
    joined = {edit.member_id: edit.joined_at or edit.at for edit in edits}
    ids = sorted(joined)  # so that two instances lock the same members in the same order
    await connection.execute(
        "INSERT INTO members (id, joined_at, profile, stamps) "
        "SELECT *, '{}', '[]' FROM unnest($1::text[], $2::timestamptz[]) ON CONFLICT DO NOTHING",
        *(ids, [joined[member_id] for member_id in ids]),
    )
    groups = await identity.groups(connection, ids)
    rows = await held(connection, sorted(chain.from_iterable(groups.values())))
    for edit in edits:
        member = rows[edit.member_id]
        member.joined_at = min(member.joined_at, edit.joined_at or edit.at)
        # A clock that is ahead must not win for hours.
        member.edit(edit.profile, at=min(edit.at, now), by=edit.store_id)
    await _put(connection, [rows[member_id] for member_id in ids])
    return [_known(head, _of(rows, groups[head]), now) for head in sorted(groups)]


async def held(connection: Connection, ids: Collection[str]) -> dict[str, Member]:
    """The rows of these ids, and nobody else's to the end of the transaction."""
    rows = await connection.fetch(
        "SELECT * FROM members WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE", [*ids]
    )
    return {row["id"]: Member.of(row) for row in rows}


async def known(connection: Connection, heads: list[str], now: datetime) -> dict[str, MemberKnown]:
    """Members with all that were merged into them, as stores are to know them."""
    groups = await identity.groups(connection, heads)
    rows = await held(connection, sorted(chain.from_iterable(groups.values())))
    return {head: _known(head, _of(rows, groups[head]), now) for head in heads}


def _of(rows: dict[str, Member], ids: list[str]) -> list[Member]:
    return [rows[each] for each in ids if each in rows]


def _known(head: str, group: list[Member], now: datetime) -> MemberKnown:
    profile, stamps = together([(member.profile, member.stamps) for member in group])
    return MemberKnown(
        member_id=head,
        joined_at=min(member.joined_at for member in group),
        profile=profile,
        stamps=stamps,
        **envelope(now),
    )


async def _put(connection: Connection, members: list[Member]) -> None:
    await connection.execute(
        "UPDATE members SET joined_at = told.joined_at, profile = told.profile, "
        "stamps = told.stamps "
        "FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[]) "
        "AS told (id, joined_at, profile, stamps) WHERE members.id = told.id",
        [member.id for member in members],
        [member.joined_at for member in members],
        [_text(member.profile) for member in members],
        [_text(member.stamps) for member in members],
    )
    lost = [(member.id, lost) for member in members for lost in member.lost]
    if lost:
        await connection.execute(
            "INSERT INTO member_history (member_id, field, value, set_at, set_by) "
            "SELECT * FROM unnest($1::text[], $2::text[], $3::text[]::jsonb[], "
            "$4::timestamptz[], $5::text[])",
            [member_id for member_id, _ in lost],
            [value.field for _, value in lost],
            [_text(value.value) for _, value in lost],
            [value.at for _, value in lost],
            [value.by for _, value in lost],
        )


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
