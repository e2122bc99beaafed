"""Who is in the store now, and what guides say about it."""

from __future__ import annotations

from edge.clienteling_api import mapping, wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.requests import Arrival, Id
from edge.clienteling_api.routing import Reply
from edge.domain import Session


async def list_visits(parts: Parts, guide: Session) -> wire.VisitList:
    """Who is in the store now.

    Follow the feed from `position` to hear all that changes after this list was read.
    """
    # Taken before the list is read: what happens meanwhile is told again, never missed.
    position = wire.Position(epoch=parts.feed.epoch, sequence=parts.feed.sequence)
    visits = [mapping.visit_view(details) for details in await parts.arrivals.now_in_store()]
    return wire.VisitList(visits=visits, position=position)


async def arrive(parts: Parts, guide: Session, body: Arrival) -> Reply[wire.VisitView]:
    """A member is here without a face: by card, code or phone number.

    201 opens a visit, 200 finds it open already.
    """
    arrived = await parts.arrivals.typed(guide, **mapping.sent(body))
    return Reply(mapping.visit_view(arrived.details), status=201 if arrived.opened else 200)


async def confirm_visit(parts: Parts, guide: Session, visit_id: Id) -> wire.VisitView:
    """The guide says: it is them."""
    return mapping.visit_view(await parts.answers.answer(guide, visit_id, confirmed=True))


async def refuse_visit(parts: Parts, guide: Session, visit_id: Id) -> wire.VisitView:
    """The guide says: not them. The visit's claim ends, and its track makes it no more.

    Where a face had opened the visit, the member is guarded. The next `POST /visits` of this
    phone within two minutes says who it was.
    """
    return mapping.visit_view(await parts.answers.answer(guide, visit_id, confirmed=False))


async def close_visit(parts: Parts, guide: Session, visit_id: Id) -> None:
    """The member has left."""
    await parts.answers.close(guide, visit_id)
