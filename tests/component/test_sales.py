"""Receipts of the till: recorded once, on the card at once, and nothing kept of strangers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from component.api_door import Door, open_door, utc_now

from edge import contract
from edge.domain import MemberChanged, Role
from edge.rules.sale import sale_id

LINES = [
    {"item": "Oxford, black", "category": "shoes", "amount": "189.00", "gtin": "04006381333931"},
    {"item": "Shoe wax", "quantity": "2", "amount": "11.80"},
]


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path / "state") as door:
        yield door


@pytest.fixture
async def till(door: Door) -> AsyncIterator[ClientSession]:
    async with door.phone(Role.GUIDE, "Till 1") as till:
        yield till


def a_receipt(receipt_id: str = "1-0001", **more: Any) -> dict[str, Any]:
    sold_at = utc_now().isoformat()
    return {
        "receipt_id": receipt_id,
        "amount": "200.80",
        "currency": "EUR",
        "sold_at": sold_at,
        "lines": LINES,
    } | more


async def tell(till: ClientSession, receipt: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    async with till.post("sales", json=receipt) as response:
        return response.status, await response.json()


async def a_member(till: ClientSession) -> str:
    wish = {"name": "Anna Berg", "card_number": "R-1001", "phone": "+49 171 5550123"}
    async with till.post("members", json=wish) as created:
        return str((await created.json())["member"]["id"])


async def told(door: Door) -> list[contract.SaleMade]:
    waiting = await door.parts.store.read(lambda reader: reader.outbox.pending(99))
    return [out.message for out in waiting if isinstance(out.message, contract.SaleMade)]


async def everything_kept(door: Door) -> str:
    """All that the store wrote about sales and purchases, and the whole outbox."""

    def question(reader: Any) -> str:
        tables = ("sales", "purchases", "outbox", "audit")
        rows = [
            list(map(tuple, reader.sales._rows._connection.execute(f"SELECT * FROM {table}")))
            for table in tables
        ]
        return str(rows)

    return await door.parts.store.read(question)


@pytest.mark.parametrize("named", ["member_id", "code", "phone"])
async def test_a_members_purchases_are_on_the_card_and_on_their_way(
    door: Door, till: ClientSession, named: str
) -> None:
    member_id = await a_member(till)
    how = {"member_id": member_id, "code": "r-1001", "phone": "0049 171 5550123"}
    status, sale = await tell(till, a_receipt(**{named: how[named]}))
    assert (status, sale["member_id"], sale["amount"]) == (201, member_id, "200.80")
    async with till.get(f"members/{member_id}?reason=search") as card:
        purchases = (await card.json())["purchases"]
    assert {(p["item"], p["amount"]) for p in purchases} == {
        ("Oxford, black", "189.00"),
        ("Shoe wax", "11.80"),
    }
    (message,) = await told(door)
    assert message.member_id == member_id
    assert [line.quantity for line in message.lines] == ["1", "2"]
    with door.parts.feed.subscribe(door.parts.feed.epoch, 0) as heard:
        events = [(await heard.next()).event for _ in range(door.parts.feed.sequence)]
    assert MemberChanged(member_id=member_id) in events


async def test_a_receipt_told_again_changes_nothing(door: Door, till: ClientSession) -> None:
    member_id = await a_member(till)
    receipt = a_receipt(code="R-1001")
    first = await tell(till, receipt)
    # The code on a screen has turned meanwhile: whose it was is known from the first time.
    again = await tell(till, {**receipt, "code": "R-9999"})
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    assert len(await told(door)) == 1
    bought = await door.parts.store.read(lambda reader: reader.purchases.of(member_id))
    assert len(bought) == 2


async def test_another_receipt_with_the_same_id_is_a_conflict_and_the_first_stays(
    door: Door, till: ClientSession
) -> None:
    await tell(till, a_receipt())
    status, problem = await tell(till, a_receipt(amount="1.00"))
    assert (status, problem["field"]) == (409, "receipt_id")
    (message,) = await told(door)
    assert message.amount == "200.80"


async def test_of_a_stranger_nothing_is_kept_or_told_but_the_sum(
    door: Door, till: ClientSession
) -> None:
    status, sale = await tell(till, a_receipt())
    assert (status, sale["member_id"]) == (201, None)
    (message,) = await told(door)
    assert (message.amount, message.lines, message.member_id) == ("200.80", (), None)
    kept = await everything_kept(door)
    assert "200.80" in kept
    assert not [word for word in ("Oxford", "Shoe wax", "shoes", "04006381333931") if word in kept]
    now = utc_now()
    counted = await door.parts.store.read(
        lambda reader: reader.sales.between(now - timedelta(hours=1), now + timedelta(hours=1))
    )
    assert [sale.receipt_id for sale in counted] == ["1-0001"]


async def test_what_is_given_back_lowers_the_spend_and_is_no_purchase(
    door: Door, till: ClientSession
) -> None:
    member_id = await a_member(till)
    bought_at = utc_now() - timedelta(days=9)
    await tell(till, a_receipt("1", member_id=member_id, sold_at=bought_at.isoformat()))
    back = [{"item": "Oxford, black", "quantity": "-1", "amount": "-189.00"}]
    status, _ = await tell(till, a_receipt("2", member_id=member_id, amount="-189.00", lines=back))
    assert status == 201
    asked_at = utc_now()
    async with till.get(f"members/{member_id}?reason=search") as card:
        summary = (await card.json())["summary"]
    assert summary["spend_last_year"] == {"EUR": "11.80"}
    midnight_may_have_passed = {at.date() - bought_at.date() for at in (asked_at, utc_now())}
    assert timedelta(days=summary["days_since_purchase"]) in midnight_may_have_passed


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"member_id": "nobody"}, 404),
        ({"code": "R-1001", "phone": "+49 171 5550123"}, 400),
        ({"sold_at": "1999-12-31T23:59:59Z"}, 409),
        ({"sold_at": "9999-12-31T23:59:59-12:00"}, 409),
        ({"sold_at": "2026-03-01T10:00:00"}, 400),
        ({"amount": "1e3"}, 400),
        ({"lines": [{"item": " ", "amount": "1"}]}, 400),
    ],
)
async def test_what_cannot_be_is_refused_whole(
    door: Door, till: ClientSession, wrong: dict[str, Any], status: int
) -> None:
    assert (await tell(till, a_receipt(**wrong)))[0] == status
    assert await told(door) == []


def test_a_receipts_number_of_two_stores_is_two_sales() -> None:
    assert sale_id("lyon-1", "0001") != sale_id("nice-2", "0001")
