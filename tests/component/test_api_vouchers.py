"""Vouchers over HTTP: a refusal is an answer, repeats are harmless, words are the guide's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from component.api_door import Door, open_door
from unit.voucher_values import a_campaign, an_issued, eur

from edge.domain import Campaign, IssuedVoucher, Role
from edge.store import Transaction

CODE = "12345678"
HERE = ("test-shop",)


async def issue(door: Door, campaign: Campaign, *issued: IssuedVoucher) -> None:
    def story(tx: Transaction) -> None:
        tx.vouchers.put_campaign(campaign)
        tx.vouchers.issue(issued or (an_issued(campaign),))

    await door.parts.store.write(story)


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path / "state") as door:
        await issue(door, a_campaign(stores=HERE, minimum=eur(10)))
        yield door


@pytest.fixture
async def phone(door: Door) -> AsyncIterator[ClientSession]:
    async with door.phone(Role.GUIDE) as phone:
        yield phone


def basket(total: str = "20", **more: Any) -> dict[str, Any]:
    return {"basket": {"id": "b1", "currency": "EUR", "total": total} | more}


async def post(phone: ClientSession, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    async with phone.post(path, json=body) as response:
        return response.status, await response.json()


async def redeem(phone: ClientSession, request_id: str, **more: Any) -> tuple[int, dict[str, Any]]:
    return await post(phone, "redemptions", {"request_id": request_id, "code": CODE} | more)


async def test_a_guide_looks_redeems_and_undoes(phone: ClientSession) -> None:
    status, looked = await post(phone, "vouchers/check", {"code": CODE} | basket())
    assert (status, looked["valid"], looked["message"]) == (200, True, "Valid")
    assert looked["discount"] == {"amount": "5.00", "currency": "EUR"}
    assert looked["redemption"] is None
    assert looked["voucher"]["campaign"] == "The cone"

    status, done = await redeem(phone, "r1", **basket())
    assert (status, done["message"]) == (201, "Redeemed")
    assert done["undo_until"] is not None
    redemption_id = done["redemption"]["id"]

    path = f"redemptions/{redemption_id}/reverse"
    status, undone = await post(phone, path, {"request_id": "u1", "language": "zh"})
    assert (status, undone["message"]) == (200, "已撤销")
    assert undone["undo_until"] is None

    async with phone.get("vouchers/v1/life") as response:
        events = (await response.json())["events"]
    assert [event["what"] for event in events] == ["issued", "committed", "reversed"]
    assert {event["by"] for event in events[1:]} == {"Mei"}


async def test_a_refusal_is_an_answer_in_the_guide_s_language(phone: ClientSession) -> None:
    status, refused = await redeem(phone, "r1", **basket("9.99"), language="zh")
    assert status == 200
    assert not refused["valid"]
    assert refused["refusal"]["reason"] == "below_minimum"
    assert refused["refusal"]["money"] == {"amount": "10", "currency": "EUR"}
    assert "至少 EUR 10" in refused["message"]
    status, unknown = await post(phone, "vouchers/check", {"code": "x" * 3000})
    assert (status, unknown["refusal"]["reason"]) == (200, "unknown_code")
    assert unknown["voucher"] is None


async def test_a_repeat_is_the_same_answer_and_says_so(phone: ClientSession) -> None:
    first = await redeem(phone, "r1", **basket())
    again = await redeem(phone, "r1", **basket())
    assert (first[0], again[0]) == (201, 200)
    assert again[1]["redemption"] == first[1]["redemption"]
    status, problem = await redeem(phone, "r1", **basket("30"))
    assert (status, problem["code"]) == (409, "conflict")


async def test_of_fifty_phones_one_redeems(phone: ClientSession) -> None:
    answers = await asyncio.gather(*(redeem(phone, f"r{n}", **basket()) for n in range(50)))
    assert sorted(status for status, _ in answers) == [200] * 49 + [201]
    refusals = [answer["refusal"]["reason"] for status, answer in answers if status == 200]
    assert set(refusals) == {"used_up"}


async def test_a_use_is_reserved_and_committed_or_released(phone: ClientSession) -> None:
    _, reserved = await redeem(phone, "r1", reserve=True, **basket())
    redemption_id = reserved["redemption"]["id"]
    assert reserved["redemption"]["state"] == "reserved"
    status, _ = await post(phone, f"redemptions/{redemption_id}/release", {"request_id": "x1"})
    assert status == 200
    status, late = await post(phone, f"redemptions/{redemption_id}/commit", {"request_id": "x2"})
    assert (status, late["refusal"]["reason"]) == (200, "reservation_ended")
    status, problem = await post(phone, "redemptions/none/commit", {"request_id": "x3"})
    assert (status, problem["code"]) == (404, "not_found")


async def test_a_member_s_voucher_needs_their_card(door: Door, phone: ClientSession) -> None:
    async with phone.post("members", json={"name": "Anna", "card_number": "R-1001"}) as created:
        member_id = (await created.json())["member"]["id"]
    campaign = a_campaign(id="hers", stores=HERE)
    await issue(door, campaign, an_issued(campaign, id="v2", code="hers", member_id=member_id))
    asked = {"code": "hers"}
    _, refused = await post(phone, "vouchers/check", asked)
    assert refused["refusal"]["reason"] == "needs_member"
    _, valid = await post(
        phone, "vouchers/check", asked | {"member": {"by": "code", "value": "R-1001"}}
    )
    assert valid["valid"]
    wrong = {"member": {"by": "phone", "value": "no number"}}
    _, unknown = await post(phone, "vouchers/check", asked | wrong)
    assert unknown["refusal"]["reason"] == "unknown_member"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"basket": {"id": "b", "currency": "eur", "total": "1"}}, "basket.currency"),
        ({"basket": {"id": "b", "currency": "EUR", "total": "-1"}}, "basket.total"),
        ({"basket": {"id": "b", "currency": "EUR", "total": "NaN"}}, "basket.total"),
        ({"request_id": ""}, "request_id"),
        ({"code": ""}, "code"),
    ],
)
async def test_what_does_not_fit_is_named(
    phone: ClientSession, wrong: dict[str, Any], field: str
) -> None:
    status, problem = (
        await redeem(phone, "r1", **wrong)
        if "request_id" not in wrong
        else (await post(phone, "redemptions", {"code": CODE} | wrong))
    )
    assert (status, problem["field"]) == (400, field)


async def test_managers_see_double_uses_and_vouch_for_the_clock(door: Door) -> None:
    async with door.phone(Role.GUIDE) as guide, guide.get("double-uses") as refused:
        assert refused.status == 403
    async with door.phone() as manager:
        async with manager.get("double-uses") as listed:
            assert await listed.json() == {"double_uses": []}
        await door.parts.store.write(
            lambda tx: tx.redemptions.see(datetime(2999, 1, 1, tzinfo=UTC))
        )
        async with manager.post("clock/trust") as trusted:
            assert trusted.status == 204
    latest = await door.parts.store.read(lambda reader: reader.redemptions.latest_at())
    assert latest is not None
    assert latest.year < 2999
