"""Stores that take no connections from outside: asked through the NATS server that they call."""

from __future__ import annotations

import msgspec

from edge.contract import Code, FootfallPage
from edge.contract.subjects import VisitsAsked
from hq.footfall.source import Store, StoreFailed
from hq.nats import Door
from hq.problems import Refused

ANSWERS_WITHIN_S = 20.0


class NatsSource:
    """Asks by way of the door that serves the stores."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def page(self, store: Store, after: int) -> FootfallPage:
        try:
            body = await self._door.visits(store.id, VisitsAsked(after=after), ANSWERS_WITHIN_S)
            return msgspec.json.decode(body, type=FootfallPage)
        except Refused as refused:
            raise StoreFailed(refused.problem.code, refused.problem.detail) from refused
        except msgspec.DecodeError as error:
            raise StoreFailed(Code.MALFORMED, "not a page of this contract") from error
