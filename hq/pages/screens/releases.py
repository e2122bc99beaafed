"""The release on its way to the stores, how it fares, and a button that stops it."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from hq import people, rollouts
from hq.figures import stores
from hq.pages.render import CLOCK, POOL, as_of, page
from hq.pages.screens.signing import VISITOR
from hq.problems import Mistake
from hq.rollouts import Rollout, Standing

SHOWN = 200
REASON_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """How many stores of a wave have the release, of how many. ``state`` is ``done``, ``now`` or
    ``later``.
    """

    percent: int
    taken: int
    stores: int
    state: str


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
        waiting=_waiting(rollout, found)[:SHOWN] if rollout else [],
        looks=looks,
        mistake=mistake,
        shown=SHOWN,
        reason_max=REASON_MAX,
    )


def _waves(rollout: Rollout, found: list[Standing]) -> list[Wave]:
    waves = []
    for number, percent in enumerate(rollout.waves):
        of = [store for store in found if store.wave == number]
        taken = sum(store.fares(rollout.version) == "taken" for store in of)
        over = rollout.ended_at is not None or number < rollout.wave
        state = "done" if over else "now" if number == rollout.wave else "later"
        waves.append(Wave(percent=percent, taken=taken, stores=len(of), state=state))
    return waves


def _waiting(rollout: Rollout, found: list[Standing]) -> list[Standing]:
    """The stores that were told and do not have it, those that failed first."""
    told = [store for store in found if store.wave <= rollout.wave]
    open_ones = [store for store in told if store.fares(rollout.version) != "taken"]
    return sorted(open_ones, key=lambda store: store.fares(rollout.version) != "failed")
