"""What is seen of the chain: each store by what its manager's page shows and its log says."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from edge.demo.chain.cord import Cord
from edge.demo.chain.past import Shop
from edge.demo.gateway import Json, Phone

SHOWN_WITHDRAWALS = 6
RATE_OVER = 8  # looks
LINES_KEPT = 40


@dataclass(slots=True)
class StoreSeen:
    """A store at the last look. Times are of ``time.monotonic``."""

    shop: Shop
    cord: Cord | None = None
    heals_at: float | None = None
    status: str = "starting"
    waiting: int = 0
    told: int = 0
    heard_at: datetime | None = None
    waited: deque[int] = field(default_factory=lambda: deque(maxlen=LINES_KEPT))
    _sent: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=RATE_OVER))

    @property
    def is_cut(self) -> bool:
        return self.cord is not None and self.cord.is_cut

    @property
    def in_line(self) -> bool:
        """Both sides told each other everything a moment ago."""
        return self.status == "in_line" and not self.is_cut

    @property
    def events_per_s(self) -> float:
        """Messages that headquarters took, over the last looks."""
        if len(self._sent) < 2:
            return 0.0
        (since, first), (now, last) = self._sent[0], self._sent[-1]
        return (last - first) / (now - since)

    async def look(self, phone: Phone) -> None:
        """Ask the gateway, as its manager's phone does."""
        seen = await phone.get("/headquarters")
        line = seen["line"]
        self.status, self.waiting = line["status"], seen["waiting"]
        self.told = seen["messages_sent"]
        self.heard_at = datetime.fromisoformat(line["heard_at"]) if line["heard_at"] else None
        self.waited.append(self.waiting)
        self._sent.append((time.monotonic(), self.told))


@dataclass(frozen=True, slots=True)
class Travel:
    """A withdrawal on its way: seconds until each store had let go of the face."""

    member_id: str
    name: str
    shop: Shop
    at: datetime
    began: float
    reached: dict[str, float] = field(default_factory=dict)


class Watch:
    """Everything on the screen. ``pages`` is the link to the merchant's pages."""

    def __init__(self, stores: list[StoreSeen], pages: str) -> None:
        self.stores = stores
        self.pages = pages
        self.all_withdrew = False
        """Nobody is left who could withdraw."""
        self.travels: deque[Travel] = deque(maxlen=SHOWN_WITHDRAWALS)
        self.began = time.monotonic()

    def begins(self, shop: Shop, member_id: str, name: str, at: datetime) -> None:
        """A member withdraws at a till."""
        self.travels.append(Travel(member_id, name, shop, at, time.monotonic()))

    def hear(self, store_id: str, entry: Json) -> None:
        """A line of a gateway's log."""
        if entry.get("event") != "face_forgotten":
            return
        for travel in self.travels:
            if travel.member_id == entry["member_id"]:
                travel.reached.setdefault(store_id, time.monotonic() - travel.began)

    def listener(self, store_id: str) -> partial[None]:
        """Hears the log of one gateway."""
        return partial(self.hear, store_id)
