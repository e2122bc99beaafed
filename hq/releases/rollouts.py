"""A release goes to the stores in waves, and stops by itself where one of them fares badly.

The next wave is told once every store of this one runs the release and is well, and a rest has
passed. A store that was told to take a release and has not yet is told, when it is stopped, to stay
where it is. Whoever comes after the end takes the release that all others have.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import msgspec

from edge.contract import ReleaseTold, ReleaseWanted
from hq import feed
from hq.envelope import envelope
from hq.problems import Mistake
from hq.releases.waves import (
    HOURS_MOST,
    Fares,
    Place,
    Step,
    Wave,
    check_taken,
    next_step,
    numbers,
    plan,
)
from hq.schema import Connection

_OPEN = "ended_at IS NULL AND stopped_at IS NULL"
_IN_USE = "EXISTS (SELECT 1 FROM certificates WHERE store_id = stores.id AND revoked_at IS NULL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """A release on its way. ``wave`` counts from 0; ``hours`` pass between two; ``well_at`` is when
    every store told so far was first found to run it. ``because`` is why a person stopped it, and
    ``failed`` the store that did.
    """

    id: int
    version: str
    waves: list[Wave]
    hours: int
    wave: int
    well_at: datetime | None
    begun_at: datetime
    ended_at: datetime | None
    stopped_at: datetime | None
    because: str
    failed: str | None

    @property
    def is_on(self) -> bool:
        return self.ended_at is None and self.stopped_at is None

    @property
    def rest(self) -> timedelta:
        return timedelta(hours=self.hours)

    @property
    def next_at(self) -> datetime | None:
        """When the next wave is told, where all stores of this one are well."""
        return self.well_at + self.rest if self.is_on and self.well_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a store is: the release it runs, as it told, and the wave it belongs to."""

    store_id: str
    wave: int
    sent_at: datetime | None
    runs: str | None
    tried: str | None
    outcome: str | None
    told_at: datetime | None

    def fares(self, version: str) -> Fares:
        if self.runs is not None and numbers(self.runs) >= numbers(version):
            return Fares.WELL
        gave_up = self.tried == version and self.outcome != "updated"
        return Fares.FAILED if gave_up else Fares.WAITS


async def begin(
    connection: Connection,
    version: str,
    waves: Sequence[Wave],
    now: datetime,
    *,
    hours: int = 0,
    published: Collection[str] | None = None,
) -> Rollout:
    """Send a release on its way. ``published`` are the versions that there are, where that is
    known. Raises ``Mistake``.
    """
    numbers(version)
    if not 0 <= hours <= HOURS_MOST:
        raise Mistake(f"the hours between two waves are 0 to {HOURS_MOST}", "hours")
    if published is not None and version not in published:
        there = ", ".join(sorted(published, key=numbers)) or "nothing"
        raise Mistake(
            f"{version} is not published; the publisher has {there}",
            "not_published",
            version=version,
        )
    if await on(connection) is not None:
        raise Mistake("a release is on its way already; stop it first", "on_already")
    stores = await _stores(connection)
    if not stores:
        raise Mistake("no store was admitted yet", "no_stores")
    if failed := [each.store_id for each in stores if each.fares(version) is Fares.FAILED]:
        raise Mistake(
            f"{failed[0]} gave {version} up; what it lacked goes into a new version",
            "failed_before",
            version=version,
            stores=", ".join(failed),
        )
    check_taken(version, {each.store_id: each.runs for each in stores}, waves)
    placed = plan(version, [each.store_id for each in stores], waves)
    rollout_id = await connection.fetchval(
        "INSERT INTO rollouts (version, waves, hours, begun_at) VALUES ($1, $2, $3, $4) "
        "RETURNING id",
        *(version, msgspec.json.encode(list(waves)).decode(), hours, now),
    )
    await connection.executemany(
        "INSERT INTO rollout_stores (rollout_id, store_id, wave) VALUES ($1, $2, $3)",
        [(rollout_id, store_id, wave) for store_id, wave in placed.items()],
    )
    await go_on(connection, now, rest=timedelta(0))
    rollout = await newest(connection)
    assert rollout is not None
    return rollout


async def stop(
    connection: Connection, now: datetime, because: str, failed: str | None = None
) -> None:
    """Let no further store take it, for a person's reason or for the sake of a store that failed.

    Raises ``Mistake`` where nothing is on its way.
    """
    rollout = await on(connection)
    if rollout is None:
        raise Mistake("no release is on its way", "over")
    await connection.execute(
        "UPDATE rollouts SET stopped_at = $2, because = $3, failed = $4 WHERE id = $1",
        *(rollout.id, now, because, failed),
    )
    rows = await connection.fetch(
        "SELECT store_id FROM rollout_stores WHERE rollout_id = $1 AND sent_at IS NOT NULL "
        "ORDER BY store_id",
        rollout.id,
    )
    await _tell(connection, [row["store_id"] for row in rows], None)


async def hear(
    connection: Connection, store_id: str, told: Sequence[ReleaseTold], now: datetime
) -> None:
    """Write down what a store runs, and go on, or stop."""
    if not told:
        return
    last = told[-1]
    await connection.execute(
        "INSERT INTO releases (store_id, version, tried, outcome, told_at) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store_id) DO UPDATE SET "
        "version = excluded.version, tried = excluded.tried, outcome = excluded.outcome, "
        "told_at = excluded.told_at",
        *(store_id, last.release, last.tried, last.outcome, last.at),
    )
    if await on(connection) is None:
        await _catch_up(connection, store_id, now)
    else:
        await go_on(connection, now)


async def on(connection: Connection) -> Rollout | None:
    """The release on its way, held to the end of the transaction: one decides at a time."""
    return _rollout(await connection.fetchrow(f"SELECT * FROM rollouts WHERE {_OPEN} FOR UPDATE"))


async def newest(connection: Connection) -> Rollout | None:
    """The one that was begun last, whether it is still on or not."""
    return _rollout(await connection.fetchrow("SELECT * FROM rollouts ORDER BY id DESC LIMIT 1"))


async def running(connection: Connection) -> list[Standing]:
    """What each store that may speak runs, whatever is on its way."""
    return await _stores(connection)


async def standing(connection: Connection, rollout: Rollout) -> list[Standing]:
    """Where each store that may speak is, by wave and name."""
    found = await _stores(connection, rollout)
    return sorted(found, key=lambda store: (store.wave, store.store_id))


async def go_on(
    connection: Connection, now: datetime, *, rest: timedelta | None = None
) -> Step | None:
    """Tell as many waves as may be told now; None where nothing is on its way."""
    rollout = await on(connection)
    if rollout is None:
        return None
    stores = await _stores(connection, rollout)
    step = next_step(
        [
            Place(
                store_id=store.store_id,
                wave=store.wave,
                told=store.sent_at is not None,
                fares=store.fares(rollout.version),
            )
            for store in stores
        ],
        wave=rollout.wave,
        well_at=rollout.well_at,
        rest=rollout.rest if rest is None else rest,
        now=now,
    )
    if step.failed is not None:
        await stop(connection, now, "", step.failed)
        return step
    await connection.execute(
        "UPDATE rollouts SET wave = $2, well_at = $3, ended_at = $4 WHERE id = $1",
        *(rollout.id, step.wave, step.well_at, now if step.is_over else None),
    )
    await _send(connection, rollout, step.due, now)
    return step


async def _catch_up(connection: Connection, store_id: str, now: datetime) -> None:
    """A store that came after the end takes what all others have; once."""
    ended = _rollout(
        await connection.fetchrow(
            "SELECT * FROM rollouts WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1"
        )
    )
    if ended is None:
        return
    here = next(each for each in await _stores(connection, ended) if each.store_id == store_id)
    if here.sent_at is None and here.fares(ended.version) is Fares.WAITS:
        await _send(connection, ended, [store_id], now)


async def _stores(connection: Connection, rollout: Rollout | None = None) -> list[Standing]:
    """All stores that may speak; whoever came later is in the last wave."""
    rows = await connection.fetch(
        "SELECT id AS store_id, coalesce(wave, $2) AS wave, sent_at, version AS runs, tried, "
        "outcome, told_at FROM stores LEFT JOIN releases r ON r.store_id = id "
        "LEFT JOIN rollout_stores s ON s.store_id = id AND rollout_id = $1 "
        f"WHERE {_IN_USE} ORDER BY id",
        *((rollout.id, len(rollout.waves) - 1) if rollout else (0, 0)),
    )
    return [Standing(**dict(row)) for row in rows]


async def _send(
    connection: Connection, rollout: Rollout, stores: Sequence[str], now: datetime
) -> None:
    await connection.executemany(
        "INSERT INTO rollout_stores (rollout_id, store_id, wave, sent_at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (rollout_id, store_id) DO UPDATE SET sent_at = excluded.sent_at",
        [(rollout.id, store_id, len(rollout.waves) - 1, now) for store_id in stores],
    )
    await _tell(connection, stores, rollout.version)


async def _tell(connection: Connection, stores: Sequence[str], version: str | None) -> None:
    for store_id in stores:
        wanted = ReleaseWanted(release=version, **envelope())
        await feed.append(
            connection, "changes", [(f"release:{store_id}", wanted)], store_id=store_id
        )


def _rollout(row: asyncpg.Record | None) -> Rollout | None:
    if row is None:
        return None
    waves = msgspec.json.decode(row["waves"], type=list[int | list[str]])
    return Rollout(**{**dict(row), "waves": waves})
