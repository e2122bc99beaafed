"""What waits because it could not be taken in, and what a person decides."""

from __future__ import annotations

from aiohttp import web

from hq import books, people, quarantine
from hq.figures import stores
from hq.pages.render import CLOCK, POOL, as_of, page
from hq.pages.screens.signing import VISITOR, missing
from hq.quarantine import Waiting

SHOWN = 200
REASON_MAX = 200
LAST_SEQUENCE = 2**63 - 1


async def show(request: web.Request) -> web.Response:
    """``GET /quarantine``."""
    visitor = request[VISITOR]
    async with request.app[POOL].acquire() as connection:
        waiting = await quarantine.waiting(connection, SHOWN)
        refused = await books.refusals(connection)
        names = await stores.names(connection)
        state = await as_of(connection, request.app[CLOCK]())
    return page(
        request,
        "quarantine.html",
        visitor,
        nav="quarantine",
        as_of=state,
        names=names,
        waiting=waiting,
        refused=refused,
        shown=SHOWN,
    )


async def show_one(request: web.Request) -> web.Response:
    """``GET /quarantine/STORE/SEQUENCE``: its text may name a member, so a look is written down."""
    return await _one(request, still="", status=200)


async def decide(request: web.Request) -> web.Response:
    """``POST``: release or discard it, for a reason that is written down."""
    visitor = request[VISITOR]
    assert visitor.person is not None
    form, now = await request.post(), request.app[CLOCK]()
    decision = str(form.get("decision", ""))
    reason = str(form.get("reason", "")).strip()[:REASON_MAX]
    store_id, sequence = _place(request)
    if decision not in ("release", "discard"):
        raise web.HTTPBadRequest
    if not reason:
        return await _one(request, still="reason", status=422)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        if await quarantine.one(connection, store_id, sequence) is None:
            missing()
        code = None
        if decision == "release":
            code = await quarantine.release(connection, store_id, sequence)
        else:
            await quarantine.discard(connection, store_id, sequence, now)
        await people.note(
            *(connection, visitor.person.id, f"message_{decision}d", now),
            subject=f"message:{store_id}:{sequence}",
            reason=reason,
        )
    if code is not None:
        return await _one(request, still=code, status=409)
    raise web.HTTPSeeOther("/quarantine")


async def _one(request: web.Request, *, still: str, status: int) -> web.Response:
    visitor = request[VISITOR]
    assert visitor.person is not None
    store_id, sequence = _place(request)
    subject, now = f"message:{store_id}:{sequence}", request.app[CLOCK]()
    async with request.app[POOL].acquire() as connection:
        message: Waiting | None = await quarantine.one(connection, store_id, sequence)
        if message is None:
            missing()
        await people.note(connection, visitor.person.id, "message_looked_at", now, subject=subject)
        looks = await people.noted(connection, subject)
        names = await stores.names(connection)
        state = await as_of(connection, now)
    return page(
        request,
        "message.html",
        visitor,
        nav="quarantine",
        status=status,
        as_of=state,
        names=names,
        message=message,
        looks=looks,
        still=still,
        reason_max=REASON_MAX,
    )


def _place(request: web.Request) -> tuple[str, int]:
    sequence = request.match_info["sequence"]
    if not sequence.isdecimal() or len(sequence) > 19 or int(sequence) > LAST_SEQUENCE:
        missing()
    return request.match_info["store_id"], int(sequence)
