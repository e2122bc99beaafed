"""The release on its way to the stores, how it fares, and a button that stops it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from aiohttp import web

from hq import people
from hq.figures import stores
from hq.pages.render import CLOCK, POOL, as_of, page
from hq.pages.screens.signing import VISITOR
from hq.problems import Mistake
from hq.releases import rollouts
from hq.releases.rollouts import Rollout, Standing
from hq.releases.waves import Fares

SHOWN = 200
REASON_MAX = 200
WORST_FIRST = (Fares.FAILED, Fares.WAITS, Fares.WELL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """How the stores of a wave fare. ``share`` is in percent, None where they are named; ``state``
    is ``done``, ``now`` or ``later``.
    """

    share: int | None
    well: int
    failed: int
    stores: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The stores that were told and fare alike, all counted and some shown."""

    fares: Fares
    count: int
    stores: list[Standing]


async def show(request: web.Request) -> web.Response:
    """``GET /releases``."""
    return await _shown(request, mistake="", status=200)


async def decide(request: web.Request) -> web.Response:
    """``POST``: stop the release that is on its way, for a reason that is written down."""
    visitor = request[VISITOR]
    assert visitor.person is not None
    form, now = await request.post(), request.app[CLOCK]()
    reason = str(form.get("reason", "")).strip()[:REASON_MAX]
    if not reason:
        return await _shown(request, mistake="reason", status=422)
    try:
        async with request.app[POOL].acquire() as connection, connection.transaction():
            await people.note(
                *(connection, visitor.person.id, "release_stopped", now),
                subject="release",
                reason=reason,
            )
            await rollouts.stop(connection, now, reason)
    except Mistake:
        return await _shown(request, mistake="over", status=409)
    raise web.HTTPSeeOther("/releases")


async def _shown(request: web.Request, *, mistake: str, status: int) -> web.Response:
    visitor = request[VISITOR]
    async with request.app[POOL].acquire() as connection:
        rollout = await rollouts.newest(connection)
        found = await rollouts.standing(connection, rollout) if rollout else []
        names = await stores.names(connection)
        looks = await people.noted(connection, "release")
        state = await as_of(connection, request.app[CLOCK]())
    return page(
        request,
        "releases.html",
        visitor,
        nav="releases",
        status=status,
        as_of=state,
        names=names,
        rollout=rollout,
        waves=_waves(rollout, found) if rollout else [],
        groups=_groups(rollout, found) if rollout else [],
        looks=looks,
        mistake=mistake,
        shown=SHOWN,
        reason_max=REASON_MAX,
    )


def _waves(rollout: Rollout, found: list[Standing]) -> list[Wave]:
    waves = []
    for number, wave in enumerate(rollout.waves):
        fares = Counter(store.fares(rollout.version) for store in found if store.wave == number)
        over = rollout.ended_at is not None or number < rollout.wave
        waves.append(
            Wave(
                share=wave if isinstance(wave, int) else None,
                well=fares[Fares.WELL],
                failed=fares[Fares.FAILED],
                stores=fares.total(),
                state="done" if over else "now" if number == rollout.wave else "later",
            )
        )
    return waves


def _groups(rollout: Rollout, found: list[Standing]) -> list[Group]:
    told = [store for store in found if store.wave <= rollout.wave or rollout.ended_at]
    groups = []
    for fares in WORST_FIRST:
        alike = [store for store in told if store.fares(rollout.version) is fares]
        if alike:
            groups.append(Group(fares=fares, count=len(alike), stores=alike[:SHOWN]))
    return groups
