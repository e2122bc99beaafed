"""What a member bought in one store is on the card in another."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
from component.flows_shop import Shop, open_shop
from component.headquarters_history import History, take_in
from component.headquarters_town import Headquarters, Transport, exchange
from component.store_values import START

from edge import contract


@pytest.fixture
def transport() -> Transport:
    """What is tested here is the same above either."""
    return "https"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path / "state") as shop:
        yield shop


async def sell(headquarters: Headquarters, history: History, *members: str) -> None:
    line = contract.SaleLine(item="Wax", category="care", quantity="2", amount="11.80")
    for member_id in members:
        history.tell(
            contract.SaleMade,
            sale_id=f"s-{len(history.messages)}",
            amount="11.80",
            currency="EUR",
            sold_at=START,
            member_id=member_id,
            lines=(line, line),
        )
    connection = await asyncpg.connect(headquarters.dsn)
    await take_in(connection, [history])
    await connection.close()


async def bought(shop: Shop, member_id: str) -> list[Decimal]:
    purchases = await shop.store.read(lambda reader: reader.purchases.of(member_id))
    return [purchase.amount for purchase in purchases]


async def test_a_purchase_elsewhere_is_on_the_card_here_once(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    member = await shop.member()
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        await sell(headquarters, History(random.Random(1), "nice-2"), member.id)
        await line.round()
        assert await bought(shop, member.id) == [Decimal("11.80")] * 2
        heard = shop.feed.sequence
        await line.resync("changes")
        await line.round()
    assert await bought(shop, member.id) == [Decimal("11.80")] * 2
    assert shop.feed.sequence == heard  # the phones are not told again


async def test_a_purchase_that_stands_before_its_member_in_the_feed_waits_for_them(
    shop: Shop, headquarters: Headquarters, credentials: Path
) -> None:
    history = History(random.Random(1), "nice-2")
    history.tell(contract.MemberChanged, member_id="ana", profile=contract.Profile(name="Ana"))
    await sell(headquarters, history, "ana", "bea")
    history.tell(contract.MemberChanged, member_id="ana", profile=contract.Profile(phone="55501"))
    await sell(headquarters, history)
    async with exchange(shop, credentials, headquarters.url) as line:
        await line.round()
        assert await bought(shop, "ana") == [Decimal("11.80")] * 2
        assert await shop.store.read(lambda reader: reader.exchange.refused()) == []
        history.tell(contract.MemberChanged, member_id="bea", profile=contract.Profile(name="Bea"))
        await sell(headquarters, history)
        await line.round()
    assert await bought(shop, "bea") == [Decimal("11.80")] * 2
