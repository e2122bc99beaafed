"""The check-up on a manager's phone: the worst first, in the guide's words, with what to do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from e2e.shop import Pick, Shop, open_shop, shop_config
from playwright.async_api import expect

from edge.domain import Role


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(shop_config(tmp_path / "state"), tmp_path / "models") as opened:
        yield opened


async def test_a_manager_sees_what_the_doctor_finds_and_what_to_do(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await pick_up()
    await phone.pair(shop, Role.MANAGER)
    await phone.go("Shop")
    await phone.tap("Check-up")
    await phone.sees("What to do")
    copies = phone.page.locator(".findings li", has_text="Copies of the shop's data")
    await expect(copies).to_contain_text("None are made.")
    await expect(copies).to_contain_text("Have a place named for them")
    fine = phone.page.locator("section", has=phone.page.get_by_role("heading", name="In order"))
    await expect(fine.locator("li", has_text="Database")).to_contain_text("Whole.")
    await expect(phone.page.get_by_text(re.compile(r"^Looked at \d\d:\d\d"))).to_be_visible()


async def test_the_check_up_stays_while_the_gateway_is_away_and_comes_when_it_is_back(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await pick_up()
    await phone.pair(shop, Role.MANAGER)
    await phone.go("Shop")
    await expect(phone.page.get_by_role("button", name="Check-up")).to_be_visible()
    await phone.page.context.set_offline(True)
    await phone.tap("Check-up")
    await phone.sees("The gateway was not reached")
    await phone.page.context.set_offline(False)
    await phone.sees("In order")
    await phone.page.context.set_offline(True)
    await phone.reads("this is how it was")
    await phone.sees("In order")


async def test_a_guide_is_not_offered_the_check_up(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.pair(shop, Role.GUIDE)
    await phone.go("Shop")
    await phone.sees("This phone")
    await expect(phone.page.get_by_role("button", name="Check-up")).to_have_count(0)
