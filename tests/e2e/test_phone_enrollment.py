"""Consent, photos and withdrawal on the phone, with the real vision process behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from e2e.shop import (
    ANNA,
    CHEN,
    COLLEAGUE,
    GRACE,
    MATTEO,
    Phone,
    Pick,
    Shop,
    camera_on,
    open_shop,
    shop_config,
)
from playwright.async_api import expect
from skimage import data

from edge.domain import Member


@pytest.fixture
async def shop(tmp_path: Path, models_dir: Path) -> AsyncIterator[Shop]:
    """A shop that matches faces, with vision running and no camera."""
    config = shop_config(tmp_path / "state", face_matching=True)
    async with open_shop(config, models_dir) as opened:
        await opened.vision_ready()
        yield opened


@pytest.fixture
def astronaut(tmp_path: Path) -> Path:
    """Eileen Collins's official portrait (NASA, public domain), as a phone would store it."""
    path = tmp_path / "astronaut.png"
    cv2.imwrite(str(path), cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR))
    return path


@pytest.fixture
def wall(tmp_path: Path) -> Path:
    """A picture without anybody in it."""
    path = tmp_path / "wall.png"
    cv2.imwrite(str(path), np.full((480, 480, 3), 150, np.uint8))
    return path


async def open_card(phone: Phone, member: Member) -> None:
    await phone.go("Members")
    await phone.page.get_by_role("searchbox").fill(member.name)
    await phone.page.get_by_role("button", name=member.name).click()
    await phone.sees(member.name)


async def consent_of(shop: Shop, member: Member) -> object:
    return await shop.gateway.store.read(lambda reader: reader.consents.active_of(member.id))


async def test_a_member_agrees_is_photographed_and_withdraws(
    shop: Shop, pick_up: Pick, astronaut: Path, wall: Path
) -> None:
    member = await shop.join(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await open_card(phone, member)
    await phone.tap("Offer recognition")
    await phone.sees(f"Hand the phone to {member.name}")
    await phone.tap("Show the notice")
    await phone.sees("Shall we recognise you at the door?")
    assert await consent_of(shop, member) is None, "nothing is agreed before the member says so"
    await phone.page.get_by_role("button", name="I have read this, and I agree").click()
    await phone.sees(f"Thank you, {member.name}")
    receipt = phone.page.get_by_role("img", name="QR code of the consent receipt")
    assert await receipt.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert await consent_of(shop, member) is not None, "the receipt comes before the first photo"

    await phone.tap("Hand back and take photos")
    chosen = phone.page.get_by_label("Choose a photo").last
    await expect(phone.page.get_by_role("button", name="Done")).to_be_disabled()
    await chosen.set_input_files(wall)
    await phone.reads("No face found. Put the face inside the oval.")
    await chosen.set_input_files(astronaut)
    await phone.reads("Good photo.")
    await expect(phone.page.get_by_label("1 of 5 photos taken")).to_be_visible()
    await phone.tap("Done")
    await phone.reads("1 photo taken in, none kept")

    await phone.tap("Withdraw")
    await phone.sees(f"Forget the face of {member.name}?")
    await phone.tap("Withdraw")
    await phone.sees("Forgotten")
    await phone.reads(f"1 face template of {member.name} was erased.")
    assert await consent_of(shop, member) is None
    await phone.tap("Done")
    await phone.reads("Consent withdrawn on")


async def test_the_notice_speaks_the_members_language_and_a_no_leaves_no_record(
    shop: Shop, pick_up: Pick
) -> None:
    member = await shop.join(CHEN)
    phone = await pick_up()
    await phone.pair(shop)
    await open_card(phone, member)
    await phone.tap("Offer recognition")
    await phone.tap("Show the notice")
    await phone.sees("是否愿意让我们在门口认出您？")
    await phone.tap("English")
    await phone.sees("Shall we recognise you at the door?")
    await phone.tap("中文")
    agree = phone.page.get_by_role("button", name="我已阅读以上内容")
    decline = phone.page.get_by_role("button", name="不用了，谢谢")
    await expect(agree).to_be_enabled()
    yes, no = await agree.bounding_box(), await decline.bounding_box()
    assert yes is not None
    assert no is not None
    assert (yes["width"], yes["height"]) == (no["width"], no["height"]), "both weigh the same"
    await decline.click()
    await phone.sees("没关系")
    assert await consent_of(shop, member) is None
    await phone.tap("交还导购")
    await phone.sees(member.name)


async def test_no_other_member_is_shown_while_the_phone_is_in_a_members_hands(
    shop: Shop, pick_up: Pick
) -> None:
    member, other = await shop.join(ANNA), await shop.consented(MATTEO)
    third = await shop.join(GRACE)
    phone = await pick_up()
    await phone.pair(shop)
    await open_card(phone, member)
    await phone.tap("Offer recognition")
    await phone.tap("Show the notice")
    await phone.sees("Shall we recognise you at the door?")
    await shop.at_the_door(other)
    await shop.gateway.arrivals.typed(COLLEAGUE, member_id=third.id)
    async with phone.page.expect_request_finished(
        lambda request: request.url.endswith("/notices/zh")
    ):
        await phone.tap("中文")
    for stranger in (other, third):
        await expect(phone.page.locator("li").filter(has_text=stranger.name)).to_have_count(0)
        await expect(phone.page.get_by_text(stranger.name).filter(visible=True)).to_have_count(0)
    await phone.tap("不用了，谢谢")
    await phone.tap("交还导购")
    await expect(phone.page.get_by_role("region", name=f"Possibly {other.name}")).to_be_visible()


async def test_the_door_camera_takes_the_photo_and_knows_the_member_at_once(
    tmp_path: Path, models_dir: Path, pick_up: Pick
) -> None:
    camera = await asyncio.to_thread(camera_on, data.astronaut(), tmp_path / "door.mp4")
    config = shop_config(tmp_path / "state", camera, face_matching=True)
    async with open_shop(config, models_dir) as shop:
        await shop.vision_ready()
        member = await shop.consented(ANNA)
        phone = await pick_up()
        await phone.pair(shop)
        await open_card(phone, member)
        await phone.tap("Add photos")
        await phone.tap("Door camera")
        await phone.reads("Good photo.")
        await phone.tap("Done")
        alert = phone.page.get_by_role("region", name=f"Possibly {member.name}")
        await expect(alert).to_contain_text("Front door")
        await alert.get_by_role("button", name="It's them").click()
        await phone.reads("Confirmed")
        await phone.reads("1 photo taken in, none kept")


async def test_a_door_camera_that_comes_while_the_member_waits_takes_photos_too(
    tmp_path: Path, models_dir: Path, pick_up: Pick
) -> None:
    plugged, unplugged = tmp_path / "door.mp4", tmp_path / "unplugged.mp4"
    camera = await asyncio.to_thread(camera_on, data.astronaut(), plugged)
    plugged.rename(unplugged)
    config = shop_config(tmp_path / "state", camera, face_matching=True)
    async with open_shop(config, models_dir) as shop:
        member = await shop.consented(ANNA)
        phone = await pick_up()
        await phone.pair(shop)
        await open_card(phone, member)
        await phone.tap("Add photos")
        await expect(phone.page.get_by_role("button", name="No door camera")).to_be_disabled()
        unplugged.rename(plugged)
        door = phone.page.get_by_role("button", name="Door camera", exact=True)
        await expect(door).to_be_enabled()


async def test_the_phones_camera_takes_a_photo_that_is_judged(shop: Shop, pick_up: Pick) -> None:
    """Chromium's test camera shows a moving shape, in which there is no face."""
    member = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await open_card(phone, member)
    await phone.tap("Add photos")
    await phone.tap("Use this phone's camera")
    await phone.tap("Take the photo")
    await phone.reads("No face found. Put the face inside the oval.")
