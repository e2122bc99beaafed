"""Who takes a release in which wave, and what follows from how the stores fare. No I/O.

A wave is a share of all stores, or stores by name. Which stores are in a share follows from the
release and the store's name alone, so that another store is the first in each release. A store is
in the first wave that it belongs to; whoever comes later is in the last.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from hq.problems import Mistake

Wave: TypeAlias = int | list[str]
"""A share of all stores in percent, counted with those of the waves before; or stores by id."""

DEFAULT: tuple[Wave, ...] = (5, 25, 100)
HOURS_MOST = 14 * 24
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){1,3}")


class Fares(StrEnum):
    """How a store fares with a release: it runs it, or a newer one; it gave it up; neither."""

    WELL = "well"
    FAILED = "failed"
    WAITS = "waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a store stands in a rollout. ``told`` whether it was told to take the release."""

    store_id: str
    wave: int
    told: bool
    fares: Fares


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What follows: the stores to be told now, and where the rollout stands afterwards.

    ``wave`` counts from 0; ``well_at`` is when every store of it, and of those before, was first
    found to run the release. ``failed`` is the store for whose sake it stops.
    """

    wave: int
    well_at: datetime | None = None
    due: tuple[str, ...] = ()
    failed: str | None = None
    is_over: bool = False


def numbers(version: str) -> list[int]:
    """What versions are compared by. Raises ``Mistake`` for what is none."""
    if _VERSION.fullmatch(version) is None:
        raise Mistake(
            f"{version!r} is no version of a release; e.g. 1.4.0", "version", version=version
        )
    return [int(part) for part in version.split(".")]


def read(text: str) -> Wave:
    """A wave as people write it: ``10%``, or ``lyon,nice``. Raises ``Mistake``."""
    share = re.fullmatch(r"\s*([0-9]{1,3})\s*%\s*", text)
    if share is not None:
        return int(share[1])
    stores = [name for name in re.split(r"[,\s]+", text) if name]
    if not stores or any("%" in name for name in stores):
        raise Mistake(
            f"{text!r} is no wave; a wave is a share of the stores, e.g. 10%, or stores by their "
            "ids, e.g. lyon,nice",
            "wave",
            wave=text,
        )
    return stores


def plan(version: str, stores: Collection[str], waves: Sequence[Wave]) -> dict[str, int]:
    """The wave of each store, from 0. Raises ``Mistake`` where that cannot be said."""
    _check(waves)
    named = {store_id for wave in waves if isinstance(wave, list) for store_id in wave}
    if strange := sorted(named - set(stores)):
        raise Mistake(
            f"no store is called {', '.join(strange)}, or it was revoked",
            "unknown_store",
            stores=", ".join(strange),
        )
    order = sorted(stores, key=lambda store_id: _turn(version, store_id))
    placed: dict[str, int] = {}
    for number, wave in enumerate(waves):
        those = wave if isinstance(wave, list) else order[: -(len(order) * wave // -100)]
        for store_id in those:
            placed.setdefault(store_id, number)
    return placed


def _check(waves: Sequence[Wave]) -> None:
    shares = [wave for wave in waves if isinstance(wave, int)]
    if not waves or waves[-1] != 100 or shares != sorted(set(shares)) or shares[0] < 1:
        raise Mistake(
            "the shares of the stores have to grow and end at 100%, e.g. 10%, 100%", "shares"
        )


def _turn(version: str, store_id: str) -> bytes:
    """By this the stores stand in line for a release."""
    return hashlib.sha256(f"{version}:{store_id}".encode()).digest()


def check_taken(version: str, runs: Mapping[str, str | None], waves: Sequence[Wave]) -> None:
    """Somebody has to be able to take it; a store never goes back by a release.

    ``runs`` is what each store runs, as far as it told. Raises ``Mistake``.
    """
    wanted = numbers(version)
    newer = {store_id for store_id, has in runs.items() if has and numbers(has) >= wanted}
    named = [store_id for wave in waves if isinstance(wave, list) for store_id in wave]
    if ahead := [store_id for store_id in named if store_id in newer]:
        told = ", ".join(f"{store_id} ({runs[store_id]})" for store_id in ahead)
        raise Mistake(
            f"{told} runs {version} or a newer one already, and no store goes back by a release; "
            "leave it out",
            "newer_there",
            stores=told,
            version=version,
        )
    if newer and newer >= {store_id for store_id, has in runs.items() if has}:
        newest = max((has for has in runs.values() if has), key=numbers)
        raise Mistake(
            f"{version} is not newer than what runs: the stores have {newest}, and no store goes "
            "back by a release",
            "not_newer",
            version=version,
            newest=newest,
        )


def next_step(
    places: Sequence[Place],
    *,
    wave: int,
    well_at: datetime | None,
    rest: timedelta,
    now: datetime,
) -> Step:
    """What follows from where all stores stand. ``rest`` passes between two waves."""
    failed = next((place.store_id for place in places if place.fares is Fares.FAILED), None)
    if failed is not None:
        return Step(wave=wave, failed=failed)
    waiting = [place for place in places if place.fares is Fares.WAITS]
    if not waiting:
        return Step(wave=wave, is_over=True)
    first = min(place.wave for place in waiting)
    if first > wave:
        well_at = well_at or now
        if now - well_at < rest:
            return Step(wave=wave, well_at=well_at)
        wave = first
    due = (place.store_id for place in waiting if place.wave <= wave and not place.told)
    return Step(wave=wave, due=tuple(sorted(due)))
