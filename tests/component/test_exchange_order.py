"""What outranks the rest is not held up by it, however much there is of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from component.flows_shop import SHOP, Shop, open_shop
from component.headquarters_town import Headquarters, exchange, put_visits, waiting
from component.store_values import START

from edge import contract
from edge.contract import Acknowledgement, Feed, Page
from edge.domain import new_id
from edge.sync import exchange as rounds
from edge.sync.exchange import Exchange
from edge.sync.line import Line


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


class Noted:
    """The line, with a note of what went over it; ``after_page`` is done after each of changes."""

    def __init__(self, line: Line, after_page: Callable[[], Coroutine[None, None, object]]) -> None:
        self._line = line
        self._after_page = after_page
        self.notes: list[str] = []

    async def send(self, batch: bytes, *, urgent: bool) -> Acknowledgement:
        self.notes.append("batch")
        return await self._line.send(batch, urgent=urgent)

    async def fetch(self, feed: Feed, after: int) -> Page:
        self.notes.append(feed)
        page = await self._line.fetch(feed, after)
        if feed == "changes":
            await self._after_page()
        return page

    async def rest(self, most_s: float) -> None:
        await self._line.rest(most_s)


@asynccontextmanager
async def noted(
    shop: Shop,
    credentials: Path,
    url: str,
    after_page: Callable[[], Coroutine[None, None, object]],
) -> AsyncIterator[tuple[Exchange, list[str]]]:
    async with exchange(shop, credentials, url) as line:
        line._line = notes = Noted(line._line, after_page)
        yield line, notes.notes


async def nothing() -> None:
    pass


async def test_withdrawals_are_heard_while_a_backlog_travels(
    shop: Shop, headquarters: Headquarters, credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "ROUND_EVERY_S", 0.0)
    await put_visits(shop, 2500)
    async with noted(shop, credentials, headquarters.url, nothing) as (line, notes):
        await line.round()
    batches = [place for place, note in enumerate(notes) if note == "batch"]
    assert len(batches) == 3
    assert all(notes[place - 1] == "withdrawals" for place in batches)


async def test_a_resync_holds_up_neither_withdrawals_nor_what_happens_meanwhile(
    shop: Shop, headquarters: Headquarters, credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "ROUND_EVERY_S", 3600.0)  # none is heard because time has passed
    await headquarters.tell("changes", *(known(number) for number in range(2500)))

    async def visit() -> None:
        await put_visits(shop, 1)

    async with noted(shop, credentials, headquarters.url, visit) as (line, notes):
        await line.round()
        assert notes == ["withdrawals", *["changes", "withdrawals", "batch"] * 2, "changes"]
        assert await waiting(shop) == 1
    assert await shop.store.read(lambda reader: reader.members.count()) == 2500


def known(number: int) -> tuple[str, contract.MemberKnown]:
    at = START + timedelta(seconds=number)
    member = contract.MemberKnown(
        message_id=new_id(),
        store_id=contract.HEADQUARTERS,
        at=at,
        member_id=f"member-{number}",
        joined_at=at,
        profile=contract.Profile(name=f"Ana {number}"),
        stamps=(contract.Stamp(field="name", at=at, by=SHOP.id),),
    )
    return f"member:{number}", member
