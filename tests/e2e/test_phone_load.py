"""How it runs, on a manager's phone: pictures with words, kept while the gateway is away."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from e2e.shop import Pick, Shop, empty_corridor, open_shop, shop_config
from playwright.async_api import expect

from edge.domain import Role


@pytest.fixture
async def shop(tmp_path: Path, models_dir: Path) -> AsyncIterator[Shop]:
    """A shop that matches faces, with a camera on a corridor where nobody walks."""
    camera = await asyncio.to_thread(empty_corridor, tmp_path / "corridor.mp4")
    config = shop_config(tmp_path / "state", camera, face_matching=True)
    async with open_shop(config, models_dir) as opened:
        await opened.vision_ready()
        yield opened


async def test_a_manager_sees_cameras_speed_and_load_as_pictures_with_words(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await pick_up()
    await phone.pair(shop, Role.MANAGER)
    await shop.gateway.watch.sample()
    await shop.gateway.watch.sample()
    await phone.go("Shop")
    await phone.tap("How it runs")
    await phone.sees("How it runs")
    for words in (
        r"^Front door: \d+ pictures a second, (none|\d+) dropped$",
        r"^Processor: \d+ %$",
    ):
        await expect(phone.page.get_by_role("img", name=re.compile(words))).to_be_visible()
    await phone.reads("Nobody was at a door in these minutes.")
    await phone.reads("No face was looked at yet.")


async def test_the_pictures_follow_and_stay_while_the_gateway_is_away(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await pick_up()
    await phone.pair(shop, Role.MANAGER)
    await phone.go("Shop")
    await phone.tap("How it runs")
    gauge = phone.page.locator(".gauge").first
    await expect(gauge).to_be_visible()
    await phone.page.context.set_offline(True)
    await phone.reads("this is how it was")
    await expect(gauge).to_be_visible()
    await phone.page.context.set_offline(False)
    await expect(phone.page.locator(".stale")).to_be_hidden()


async def test_what_cannot_be_loaded_says_so_and_is_tried_again(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.pair(shop, Role.MANAGER)
    await phone.go("Shop")
    await expect(phone.page.get_by_role("button", name="How it runs")).to_be_visible()
    await phone.page.context.set_offline(True)
    await phone.tap("How it runs")
    await phone.sees("The gateway was not reached")
    await phone.page.context.set_offline(False)
    await expect(phone.page.locator(".gauge").first).to_be_visible()


async def test_a_guide_is_not_offered_the_page(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.pair(shop, Role.GUIDE)
    await phone.go("Shop")
    await phone.sees("This phone")
    await expect(phone.page.get_by_role("button", name="How it runs")).to_have_count(0)
