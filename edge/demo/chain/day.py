"""A day in a store of the chain, faster than a real one, by what phones and tills send."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import aiohttp

from edge.demo.chain.past import Regular
from edge.demo.chain.watch import StoreSeen, Watch
from edge.demo.gateway import Json, Phone
from edge.domain import new_id

EVERY_S = 0.8
WITHDRAWS_EVERY_S = 14.0
STAYS = 6
"""Members in a store at once; who came first leaves first."""
CUT_AFTER_S, CUT_FOR_S = 18.0, 22.0
LOOKS_EVERY_S = 0.5
_TASTES = ("wool", "linen", "navy", "wide fit", "evening", "travel", "silk", "tweed")

_SOLD = (
    ("Oxford, black", "shoes", "189.00"),
    ("Linen shirt, white", "shirts", "95.00"),
    ("Wool coat, navy", "coats", "345.00"),
    ("Silk scarf", "accessories", "89.00"),
)


@dataclass(slots=True)
class Store:
    """A gateway with its guide's phone, and who is in the shop."""

    seen: StoreSeen
    phone: Phone
    regulars: list[Regular]
    inside: deque[str] = field(default_factory=deque)


async def live(store: Store) -> None:
    """Members come, are served and go; some of their cards are edited."""
    rng = random.Random(store.seen.shop.id)
    while True:
        await asyncio.sleep(rng.expovariate(1 / EVERY_S))
        regular = rng.choice(store.regulars)
        try:
            await _visit(store, rng, regular)
        except aiohttp.ClientResponseError as error:
            if error.status >= 500:
                raise  # what a guide may meet, e.g. a member who left meanwhile, is no trouble


async def _visit(store: Store, rng: random.Random, regular: Regular) -> None:
    visit = await store.phone.post("/visits", {"member_id": regular.member_id})
    if visit["id"] not in store.inside:
        store.inside.append(visit["id"])
    if rng.random() < 1 / 3:
        await store.phone.post("/sales", _receipt(rng, regular))
    if rng.random() < 1 / 4:
        tastes = rng.sample(_TASTES, 2)
        await store.phone.patch(f"/members/{regular.member_id}", {"preferences": tastes})
    if len(store.inside) > STAYS:
        await store.phone.post_nothing(f"/visits/{store.inside.popleft()}/close")


def _receipt(rng: random.Random, regular: Regular) -> Json:
    """What the till tells; it is paired as a phone is."""
    item, category, price = rng.choice(_SOLD)
    return {
        "receipt_id": new_id(),
        "amount": price,
        "currency": "EUR",
        "sold_at": datetime.now(UTC).isoformat(),
        "member_id": regular.member_id,
        "lines": [{"item": item, "category": category, "amount": price}],
    }


async def withdraw(stores: list[Store], watch: Watch) -> None:
    """Now and then a member withdraws at some store's till, and comes as often as before."""
    rng = random.Random()
    while True:
        await asyncio.sleep(WITHDRAWS_EVERY_S)
        store = rng.choice(stores)
        asked = [regular for regular in store.regulars if regular.consent_id is not None]
        if not asked:
            watch.all_withdrew = True
            return
        regular = rng.choice(asked)
        watch.begins(store.seen.shop, regular.member_id, regular.name, datetime.now(UTC))
        await store.phone.post(f"/consents/{regular.consent_id}/withdraw", {})
        for other in stores:
            other.regulars = [
                replace(r, consent_id=None) if r.member_id == regular.member_id else r
                for r in other.regulars
            ]


async def fall_out(seen: StoreSeen) -> None:
    """The line of a store is cut for a while, again and again."""
    while seen.cord is not None:
        await asyncio.sleep(CUT_AFTER_S)
        seen.cord.cut()
        seen.heals_at = time.monotonic() + CUT_FOR_S
        await asyncio.sleep(CUT_FOR_S)
        seen.cord.heal()
        seen.heals_at = None


async def look(store: Store) -> None:
    """See how the store stands, as its manager does."""
    while True:
        await store.seen.look(store.phone)
        await asyncio.sleep(LOOKS_EVERY_S)
