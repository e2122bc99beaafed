"""A picture held up to a camera: a quiet notice on the guide's phone, and no alert."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from e2e.shop import ANNA, Pick, Shop, open_shop, shop_config
from playwright.async_api import expect

from edge.config import RecognitionConfig


@pytest.fixture
async def shop(tmp_path: Path, models_dir: Path) -> AsyncIterator[Shop]:
    """A shop that asks whether a person stands there; its door is played by hand."""
    checking = RecognitionConfig(presentation_attack_check=True)
    config = msgspec.structs.replace(shop_config(tmp_path / "state"), recognition=checking)
    async with open_shop(config, models_dir) as opened:
        yield opened


async def test_a_picture_held_up_shows_a_notice_without_a_name_and_raises_no_alert(
    shop: Shop, pick_up: Pick
) -> None:
    anna = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await shop.at_the_door(anna, bona_fide=0.1)
    notice = phone.page.locator(".attack")
    await expect(notice).to_contain_text("A face on paper or a screen was held up: Front door")
    await expect(notice).not_to_contain_text("Anna")
    await expect(phone.page.locator(".alert")).to_have_count(0)
    await phone.tap("Put this notice away")
    await expect(notice).to_be_hidden()


async def test_a_person_raises_the_alert_and_no_notice(shop: Shop, pick_up: Pick) -> None:
    anna = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await shop.at_the_door(anna, bona_fide=0.95)
    await expect(phone.page.locator(".alert")).to_be_visible()
    await expect(phone.page.locator(".attack")).to_be_hidden()
