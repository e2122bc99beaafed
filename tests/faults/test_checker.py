"""The checker finds what it is there to find: each invariant, broken by hand, is missed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest
from component.store_values import a_consent, a_template, put
from faults.chain import Chain
from faults.checker import check
from faults.outlets import Guide, Outlet

Break = Callable[[Chain, Outlet], Awaitable[None]]


def at_headquarters(sql: str) -> Break:
    async def work(chain: Chain, outlet: Outlet) -> None:
        await chain.headquarters.do(sql)

    return work


def in_the_store(sql: str) -> Break:
    def write(outlet: Outlet) -> None:
        with closing(sqlite3.connect(outlet.state / "regulars.db")) as database:
            database.execute(sql)
            database.commit()

    async def work(chain: Chain, outlet: Outlet) -> None:
        await asyncio.to_thread(write, outlet)

    return work


async def recognise_again(chain: Chain, outlet: Outlet) -> None:
    """Behind the flows' back: opening the store would end a consent whose key is gone."""
    async with outlet.open() as shop:
        (member,) = await shop.store.read(lambda reader: reader.members.search("Anna", 1))
        consent = a_consent(member)
        await shop.store.write(put(consent, a_template(consent)))


BROKEN: dict[str, tuple[Break, str]] = {
    "a message lost": (
        at_headquarters("DELETE FROM events WHERE body->>'type' = 'VisitClosed'"),
        "lost",
    ),
    "a message from nowhere": (in_the_store("DELETE FROM told WHERE place = 1"), "never told"),
    "a row lost": (at_headquarters("DELETE FROM visits"), "visits"),
    "a loser kept twice": (
        at_headquarters("INSERT INTO member_history SELECT * FROM member_history"),
        "kept twice",
    ),
    "out of order": (
        at_headquarters("UPDATE events SET arrived = 0 WHERE body->>'type' = 'VisitClosed'"),
        "out of order",
    ),
    "an edit lost": (
        at_headquarters("UPDATE members SET profile = replace(profile, 'Anna', 'Ana')"),
        "headquarters: ",
    ),
    "a store that differs": (in_the_store("UPDATE members SET name = 'Eve'"), "lyon: "),
    "somebody back": (recognise_again, "withdrew and can be recognised"),
    "quarantine at headquarters": (
        at_headquarters("INSERT INTO quarantine VALUES ('lyon', 1, 'malformed', '')"),
        "has in quarantine",
    ),
}


@pytest.mark.parametrize("transport", ["https"])
@pytest.mark.parametrize("broken", BROKEN)
async def test_what_is_broken_is_found(chain: Chain, broken: str) -> None:
    lyon = await chain.outlet("lyon")
    async with lyon.open() as shop:
        await Guide(lyon, shop).day(0)
        await chain.round(lyon, shop)
    await check(chain)
    work, complaint = BROKEN[broken]
    await work(chain, lyon)
    with pytest.raises(AssertionError, match=complaint):
        await check(chain)
