"""Taking in a batch: one transaction for the messages, what follows from them, and the feeds.

A message has its effect the first time its id is seen, in the transaction that writes the id
down; every other time it changes nothing. What cannot be read goes to quarantine, and the rest
of the batch goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec

from edge.contract import (
    Acknowledgement,
    Batch,
    Code,
    ConsentWithdrawn,
    Down,
    EndedBy,
    ErasureProven,
    MemberChanged,
    MemberWithdrawn,
    Message,
    Numbered,
    RefusedMessage,
    ReleaseTold,
    SaleMade,
    code_of,
    decode,
    member_of,
)
from hq import erasure, facts, feed, identity, members, sales
from hq.envelope import envelope
from hq.problems import Reused
from hq.releases import rollouts
from hq.schema import Connection


@dataclass(frozen=True, slots=True)
class _Read:
    sequence: int
    message_id: str
    message: Message | None
    body: str


async def ingest(
    connection: Connection, store_id: str, batch: Batch, *, heard: bool = True
) -> Acknowledgement:
    """Hold a batch durably; ``heard`` from the store, or taken up again at headquarters.

    Raises ``Reused``.
    """
    read: list[_Read] = []
    refused: list[tuple[Numbered, Code]] = []
    for numbered in batch.messages:
        outcome = _read(numbered, store_id)
        if isinstance(outcome, _Read):
            read.append(outcome)
        else:
            refused.append((numbered, outcome))
    async with connection.transaction():
        # The row of the store is held to the end: its batches take effect one after the other.
        quarantined = await connection.fetchval(
            "UPDATE stores SET last_contact_at = CASE WHEN $2 THEN now() ELSE last_contact_at END "
            "WHERE id = $1 RETURNING EXISTS (SELECT 1 FROM quarantine WHERE store_id = $1), "
            "pg_advisory_xact_lock_shared($3)",  # nobody is merged or erased meanwhile
            *(store_id, heard, identity.LOCK),
        )
        ids = {id for r in read if r.message and (id := member_of(r.message))}
        merged, erased = await identity.strange(connection, ids)
        if quarantined:
            await _release(connection, store_id, read)
        if erased:
            read = _forgotten(read, erased)
        if quarantined:
            refused = await _undecided(connection, store_id, refused)
        if refused:
            await _quarantine(connection, store_id, refused)
        fresh = await _write_down(connection, store_id, read, batch.waits_from)
        if told := [message for message in fresh if message is not None]:
            await _take_effect(connection, store_id, told, merged)
    return Acknowledgement(
        refused=[RefusedMessage(sequence=n.sequence, code=code) for n, code in refused]
    )


def _read(numbered: Numbered, store_id: str) -> _Read | Code:
    try:
        message = decode(numbered.message)
        body = bytes(numbered.message).decode()
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return (
            code_of(numbered.message, error)
            if isinstance(error, msgspec.DecodeError)
            else Code.MALFORMED
        )
    if "\\u0000" in body or not _on_the_calendar(message):
        return Code.MALFORMED
    if message.store_id != store_id:
        return Code.FOREIGN_STORE
    return _Read(numbered.sequence, message.message_id, message, body)


def _on_the_calendar(message: Message) -> bool:
    """Whether UTC has the message's times: a zone can carry one beyond year 1 or 9999."""
    times = [message.at]
    if isinstance(message, MemberChanged) and message.joined_at is not None:
        times.append(message.joined_at)
    if isinstance(message, SaleMade):
        times.append(message.sold_at)
    try:
        return all(at.astimezone(UTC) for at in times)
    except OverflowError:
        return False


async def _quarantine(
    connection: Connection, store_id: str, refused: list[tuple[Numbered, Code]]
) -> None:
    latest = {n.sequence: (code, bytes(n.message)) for n, code in refused}
    codes, bodies = zip(*latest.values(), strict=True)
    await connection.execute(
        "INSERT INTO quarantine (store_id, sequence, code, body) "
        "SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::bytea[]) "
        "ON CONFLICT (store_id, sequence) DO UPDATE SET code = excluded.code, "
        "body = excluded.body, settled_at = NULL",  # what was decided was another message
        *(store_id, list(latest), list(codes), list(bodies)),
    )


async def _release(connection: Connection, store_id: str, read: list[_Read]) -> None:
    """What was in quarantine and can be taken in by now, stays there no longer.

    Another message under its number, from a store that was put back, leaves it there.
    """
    await connection.execute(
        "DELETE FROM quarantine USING unnest($2::bigint[], $3::bytea[]) AS offered (number, text) "
        "WHERE store_id = $1 AND sequence = number AND body = text",
        *(store_id, [r.sequence for r in read], [r.body.encode() for r in read]),
    )


async def _undecided(
    connection: Connection, store_id: str, refused: list[tuple[Numbered, Code]]
) -> list[tuple[Numbered, Code]]:
    """What nobody has discarded. The rest is acknowledged, so that the store forgets it."""
    rows = await connection.fetch(
        "SELECT sequence, body FROM quarantine WHERE store_id = $1 AND settled_at IS NOT NULL "
        "AND sequence = ANY($2::bigint[])",
        *(store_id, [n.sequence for n, _ in refused]),
    )
    settled = {(row["sequence"], row["body"]) for row in rows}
    return [(n, code) for n, code in refused if (n.sequence, bytes(n.message)) not in settled]


def _forgotten(read: list[_Read], erased: set[str]) -> list[_Read]:
    """The messages, with nothing left in them of members who were erased."""
    kept = []
    for each in read:
        message = each.message and erasure.without(each.message, erased)
        same = message is each.message
        kept.append(each if same else replace(each, message=message, body=erasure.KEPT))
    return kept


async def _write_down(
    connection: Connection, store_id: str, read: list[_Read], waits_from: int | None
) -> list[Message | None]:
    """Write down the messages; returns those that had not been, in the order of the batch."""
    rows = await connection.fetch(
        "INSERT INTO events (store_id, sequence, message_id, body) "
        "SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[]::jsonb[]) "
        "ON CONFLICT DO NOTHING RETURNING message_id",
        store_id,
        [r.sequence for r in read],
        [r.message_id for r in read],
        [r.body for r in read],
    )
    fresh = {row["message_id"] for row in rows}
    repeated = {r.message_id for r in read} - fresh
    if repeated:
        held = await connection.fetch(
            "SELECT message_id FROM events WHERE store_id = $1 AND message_id = ANY($2::text[])",
            *(store_id, list(repeated)),
        )
        if strange := repeated - {row["message_id"] for row in held}:
            last = await connection.fetchval(
                "SELECT max(sequence) FROM events WHERE store_id = $1", store_id
            )
            first = min(r.sequence for r in read if r.message_id in strange)
            raise Reused(min(first, waits_from or first), last)
    once = {r.message_id: r.message for r in read if r.message_id in fresh}
    return list(once.values())


async def _take_effect(
    connection: Connection, store_id: str, fresh: list[Message], merged: set[str]
) -> None:
    root = await identity.roots(connection, merged) if merged else {}
    await facts.write(connection, store_id, fresh)
    for member_id, head in root.items():
        await facts.move(connection, member_id, head)
    await erasure.prove(connection, [m for m in fresh if isinstance(m, ErasureProven)])
    known = await members.take(connection, [m for m in fresh if isinstance(m, MemberChanged)])
    spread = [m for m in fresh if isinstance(m, ConsentWithdrawn) and m.ended_by is EndedBy.MEMBER]
    withdrawals = [(m.member_id, _told(m)) for m in spread]
    # Who withdrew under an old id has withdrawn as the member they are.
    withdrawals += [
        (root[m.member_id], MemberWithdrawn(member_id=root[m.member_id], **envelope(m.at)))
        for m in spread
        if m.member_id in root
    ]
    told = [m for m in fresh if isinstance(m, ReleaseTold)]
    await rollouts.hear(connection, store_id, told, datetime.now(UTC))
    await feed.append(connection, "withdrawals", [*withdrawals])
    changes: list[tuple[str, Down]] = [(f"member:{m.member_id}", m) for m in known]
    changes += [(f"purchase:{p.purchase_id}", p) for p in sales.purchases(fresh)]
    await feed.append(connection, "changes", changes)


def _told(withdrawn: ConsentWithdrawn) -> MemberWithdrawn:
    """The same id as the store gave it, so that the store knows its own."""
    return MemberWithdrawn(
        message_id=withdrawn.message_id,
        store_id=withdrawn.store_id,
        at=withdrawn.at,
        member_id=withdrawn.member_id,
        consent_id=withdrawn.consent_id,
    )
