"""Putting an invented chain into the tables of headquarters."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from edge.contract.footfall import FootfallRow
from hq.demo.chain import Invented
from hq.schema import Connection

_LATER = (
    '{"type":"VisitOpened","version":9,"message_id":"m-new","visit_id":"v","member_id":"m-0001"}'
)
_NOT_KNOWN = '{"type":"FittingBooked","version":1,"message_id":"m-fit","room":"2"}'


async def fill(connection: Connection, told: Invented, now: datetime) -> None:
    """Write everything, in one transaction, into tables that hold none of it."""
    async with connection.transaction():
        await connection.executemany(
            "INSERT INTO stores (id, name, last_contact_at) VALUES ($1, $2, $3)",
            [(s.id, s.name, now - timedelta(seconds=2)) for s in told.shops],
        )
        await connection.executemany(
            "INSERT INTO pulls (store_id, address, time_zone, pulled_at, due_at) "
            "VALUES ($1, '', $2, $3, 'infinity')",
            [(s.id, s.time_zone, now - timedelta(minutes=4)) for s in told.shops],
        )
        await _copy(connection, "members", "id joined_at profile stamps", told.members)
        await _copy(
            connection,
            "visits",
            "id store_id member_id arrived_by claim opened_at answered_at closed_at",
            told.visits,
        )
        columns = "id store_id member_id amount currency sold_at"
        await _copy(connection, "sales", columns, told.sales)
        await _copy(
            connection,
            "consents",
            "id store_id member_id given_at withdrawn_at ended_by",
            told.consents,
        )
        await _copy(connection, "events", "store_id sequence message_id body", _events(told, now))
        await _copy(
            connection,
            "footfall",
            "store_id zone period starts_at revision body",
            [_door(row) for row in told.footfall],
        )


async def trouble(connection: Connection, told: Invented, now: datetime) -> None:
    """What keeps a person busy: a silent store, two messages in quarantine, a copied gateway."""
    silent, newer = told.shops[-3].id, told.shops[2].id
    await connection.execute(
        "UPDATE stores SET last_contact_at = $2 WHERE id = $1", silent, now - timedelta(hours=3)
    )
    await connection.execute(
        "DELETE FROM events WHERE store_id = $1 AND message_id = 'last'", silent
    )
    await connection.executemany(
        "INSERT INTO quarantine (store_id, sequence, code, body, received_at) "
        "VALUES ($1, $2, $3, $4, $5)",
        [
            (
                newer,
                900_001,
                "unknown_version",
                _LATER.encode(),
                now - timedelta(minutes=12),
            ),
            (newer, 900_002, "unknown_type", _NOT_KNOWN.encode(), now - timedelta(hours=5)),
        ],
    )
    await connection.execute(
        "INSERT INTO refusals (store_id, code, times, last_at) "
        "VALUES ($1, 'sequence_reused', 14, $2)",
        *(newer, now - timedelta(minutes=40)),
    )


def _door(row: FootfallRow) -> tuple[object, ...]:
    body = msgspec.json.encode(row).decode()
    return row.store_id, row.zone, row.period, row.starts_at, row.revision, body


def _events(told: Invented, now: datetime) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for number, (store_id, consent_id, member_id, at) in enumerate(told.proofs, start=1):
        body = {
            "type": "DeletionProven",
            "consent_id": consent_id,
            "member_id": member_id,
            "at": at,
            "message_id": f"p-{number}",
        }
        rows.append((store_id, number, f"p-{number}", msgspec.json.encode(body).decode()))
    for shop in told.shops:  # and what each told last
        body = {"type": "VisitOpened", "at": now - timedelta(seconds=2), "message_id": "last"}
        rows.append((shop.id, len(rows) + 1, "last", msgspec.json.encode(body).decode()))
    return rows


async def _copy(
    connection: Connection, table: str, columns: str, rows: list[tuple[object, ...]]
) -> None:
    await connection.copy_records_to_table(table, records=rows, columns=columns.split())
