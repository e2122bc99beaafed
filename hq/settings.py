"""Keys of the stores' configuration: for every store, and for one, which outranks."""

from __future__ import annotations

from edge.contract import ConfigurationKnown, Setting, value_of
from hq import feed
from hq.envelope import envelope
from hq.problems import Mistake
from hq.schema import Connection

EVERY = ""


async def put(connection: Connection, setting: Setting, store_id: str | None) -> None:
    """Set a key for one store, or for all. Raises ``Mistake``."""
    try:
        value_of(setting)
    except ValueError as error:
        raise Mistake(str(error)) from error
    await connection.execute(
        "INSERT INTO settings (store_id, key, value) VALUES ($1, $2, $3) "
        "ON CONFLICT (store_id, key) DO UPDATE SET value = excluded.value",
        *(store_id or EVERY, setting.key, setting.value),
    )
    await _tell(connection, store_id)


async def drop(connection: Connection, key: str, store_id: str | None) -> None:
    """Leave a key to the store's own file again."""
    await connection.execute(
        "DELETE FROM settings WHERE store_id = $1 AND key = $2", store_id or EVERY, key
    )
    await _tell(connection, store_id)


async def _tell(connection: Connection, store_id: str | None) -> None:
    """Tell the stores that this concerns everything that is set for them."""
    rows = await connection.fetch(
        "SELECT id FROM stores WHERE $1::text IS NULL OR id = $1 ORDER BY id", store_id
    )
    if store_id is not None and not rows:
        raise Mistake(f"no store is called {store_id}")
    for row in rows:
        await tell(connection, row["id"])


async def tell(connection: Connection, store_id: str) -> None:
    """Tell one store everything that is set for it."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (key) key, value FROM settings WHERE store_id IN ($1, $2) "
        "ORDER BY key, store_id = $2 DESC",
        *(EVERY, store_id),
    )
    settings = tuple(Setting(key=row["key"], value=row["value"]) for row in rows)
    known = ConfigurationKnown(settings=settings, **envelope())
    await feed.append(
        connection, "changes", [(f"configuration:{store_id}", known)], store_id=store_id
    )


async def any_for(connection: Connection, store_id: str) -> bool:
    """Whether anything is set for a store, alone or with all."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM settings WHERE store_id IN ($1, $2))", EVERY, store_id
        )
    )
