"""A release goes to the stores in waves, and stops by itself where one of them fares badly.

Which stores are in a wave follows from the release and the store's name alone, so that another
store is the first in each release. The next wave is told once every store of this one runs the
release and is well; a store that went back stops it all. A store that was told to take a release
and has not yet is told, when it is stopped, to stay where it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.contract import ReleaseTold, ReleaseWanted
from hq import feed
from hq.envelope import envelope
from hq.problems import Mistake
from hq.schema import Connection

WAVES = (5, 25, 100)
_OPEN = "ended_at IS NULL AND stopped_at IS NULL"
_IN_USE = "EXISTS (SELECT 1 FROM certificates WHERE store_id = stores.id AND revoked_at IS NULL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A release on its way. ``waves`` are percentages of the stores, ``wave`` counts from 0."""

    id: int
    version: str
    waves: list[int]
    wave: int
    begun_at: datetime
    ended_at: datetime | None
    stopped_at: datetime | None
    because: str

    @property
    def is_on(self) -> bool:
        return self.ended_at is None and self.stopped_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a store is: the release it runs, as it told, and the wave it belongs to."""

    store_id: str
    wave: int
    runs: str | None
    tried: str | None
    outcome: str | None
    told_at: datetime | None

    def fares(self, version: str) -> str:
        """``taken``, ``failed`` or ``waits``."""
        if self.runs is not None and _numbers(self.runs) >= _numbers(version):
            return "taken"
        return "failed" if self.tried == version and self.outcome != "updated" else "waits"


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def share(version: str, store_id: str) -> float:
    """Where a store stands in the line for a release: from 0 to below 100, evenly spread."""
    digest = hashlib.sha256(f"{version}:{store_id}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48 * 100


def wave_of(version: str, store_id: str, waves: Sequence[int]) -> int:
    """The first wave that a store is in, from 0."""
    place = share(version, store_id)
    return next(number for number, percent in enumerate(waves) if place < percent)


async def begin(
    connection: Connection, version: str, waves: Sequence[int], now: datetime
) -> Rollout:
    """Send a release on its way. Raises ``Mistake``."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+){1,3}", version) is None:
        raise Mistake(f"{version!r} is no version of a release; e.g. 1.4.0")
    if not waves or list(waves) != sorted(set(waves)) or waves[0] < 1 or waves[-1] != 100:
        raise Mistake("waves are percentages that grow and end at 100, e.g. 5,25,100")
    if await on(connection) is not None:
        raise Mistake("a release is on its way already; stop it first")
    await connection.execute(
        "INSERT INTO rollouts (version, waves, begun_at) VALUES ($1, $2, $3)",
        *(version, list(waves), now),
    )
    await _go_on(connection, now)
    rollout = await newest(connection)
    assert rollout is not None
    return rollout


async def stop(connection: Connection, now: datetime, because: str) -> None:
    """Let no further store take it. Raises ``Mistake`` where nothing is on its way."""
    rollout = await on(connection)
    if rollout is None:
        raise Mistake("no release is on its way")
    await connection.execute(
        "UPDATE rollouts SET stopped_at = $2, because = $3 WHERE id = $1", rollout.id, now, because
    )
    await _tell(connection, sorted(await _told(connection, rollout.version)), None)


async def hear(connection: Connection, store_id: str, told: Sequence[ReleaseTold]) -> None:
    """Write down what a store runs, and go on, or stop."""
    if not told:
        return
    last = told[-1]
    rollout = await on(connection)
    await connection.execute(
        "INSERT INTO releases (store_id, version, tried, outcome, told_at) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store_id) DO UPDATE SET "
        "version = excluded.version, tried = excluded.tried, outcome = excluded.outcome, "
        "told_at = excluded.told_at",
        *(store_id, last.release, last.tried, last.outcome, last.at),
    )
    if rollout is not None:
        await _go_on(connection, last.at)


async def on(connection: Connection) -> Rollout | None:
    """The release on its way, held to the end of the transaction: one decides at a time."""
    row = await connection.fetchrow(f"SELECT * FROM rollouts WHERE {_OPEN} FOR UPDATE")
    return Rollout(**dict(row)) if row else None


async def newest(connection: Connection) -> Rollout | None:
    """The one that was begun last, whether it is still on or not."""
    row = await connection.fetchrow("SELECT * FROM rollouts ORDER BY id DESC LIMIT 1")
    return Rollout(**dict(row)) if row else None


async def standing(connection: Connection, rollout: Rollout) -> list[Standing]:
    """Where each store that may speak is, by wave and name."""
    rows = await connection.fetch(
        "SELECT id, version, tried, outcome, told_at FROM stores "
        f"LEFT JOIN releases ON store_id = id WHERE {_IN_USE} ORDER BY id"
    )
    found = [
        Standing(
            store_id=row["id"],
            wave=wave_of(rollout.version, row["id"], rollout.waves),
            runs=row["version"],
            tried=row["tried"],
            outcome=row["outcome"],
            told_at=row["told_at"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda store: store.wave)


async def _go_on(connection: Connection, now: datetime) -> None:
    """Tell as many waves as may be told now, and stores that came since to the earlier ones."""
    rollout = await on(connection)
    assert rollout is not None
    stores = await standing(connection, rollout)
    fares = {store.store_id: store.fares(rollout.version) for store in stores}
    bad = next((store_id for store_id, how in fares.items() if how == "failed"), None)
    if bad is not None:
        await stop(connection, now, f"{bad} went back, or could not take it")
        return
    wave = min((s.wave for s in stores if fares[s.store_id] == "waits"), default=None)
    if wave is None and stores:
        await connection.execute("UPDATE rollouts SET ended_at = $2 WHERE id = $1", rollout.id, now)
        return
    wave = max(rollout.wave, wave or 0)
    await connection.execute("UPDATE rollouts SET wave = $2 WHERE id = $1", rollout.id, wave)
    told = await _told(connection, rollout.version)
    due = [s.store_id for s in stores if s.wave <= wave and fares[s.store_id] == "waits"]
    await _tell(connection, [each for each in due if each not in told], rollout.version)


async def _told(connection: Connection, version: str) -> set[str]:
    """The stores that are told to take this release."""
    rows = await connection.fetch(
        "SELECT store_id FROM feed WHERE subject LIKE 'release:%' AND body::json->>'release' = $1",
        version,
    )
    return {row["store_id"] for row in rows}


async def _tell(connection: Connection, stores: Sequence[str], version: str | None) -> None:
    for store_id in stores:
        wanted = ReleaseWanted(release=version, **envelope())
        await feed.append(
            connection, "changes", [(f"release:{store_id}", wanted)], store_id=store_id
        )
