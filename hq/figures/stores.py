"""The stores by name."""

from __future__ import annotations

from hq.schema import Connection


async def names(connection: Connection) -> dict[str, str]:
    """What people call each store, by its id, in the order of these names."""
    rows = await connection.fetch("SELECT id, name FROM shops ORDER BY 2")
    return {row["id"]: row["name"] for row in rows}


def chosen(of: dict[str, str], wanted: str | None) -> str | None:
    """The store that a page was asked for; None for all of them."""
    return wanted if wanted in of else None
