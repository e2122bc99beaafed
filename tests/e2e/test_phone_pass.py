"""A member's card on a guide's phone: it turns, rests, is printed, and prints are voided."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from e2e.shop import ANNA, MATTEO, Phone, Pick, Shop, shop_config
from playwright.async_api import expect

from edge.app import gateway
from edge.domain import Member


@pytest.fixture
async def hurried(tmp_path: Path) -> AsyncIterator[Shop]:
    """A shop whose gateway's clock is an hour behind and runs thirty times as fast, so that each
    code is over when it is shown, and the next is another."""
    began = datetime.now(UTC)

    def hurry() -> datetime:
        return began - timedelta(hours=1) + 30 * (datetime.now(UTC) - began)

    config = shop_config(tmp_path / "state")
    async with gateway(config, tmp_path / "models", clock=hurry) as running:
        yield Shop(running)


async def card_of(phone: Phone, member: Member) -> None:
    await phone.go("Members")
    await phone.page.get_by_role("searchbox").fill(member.name[:4])
    await phone.page.get_by_role("button", name=re.compile(member.name)).click()
    await phone.tap("Show the card")
    await expect(phone.page.locator(".pass .qr")).to_be_visible()


async def made(shop: Shop, member: Member) -> list[tuple[str, str]]:
    entries = await shop.gateway.store.read(lambda reader: reader.audit.of(member.id, 50))
    return [(entry.action, entry.reason) for entry in reversed(entries)]


async def test_the_card_turns_by_itself_and_each_code_is_written_down(
    hurried: Shop, pick_up: Pick
) -> None:
    member = await hurried.join(ANNA)
    phone = await pick_up()
    await phone.pair(hurried)
    await card_of(phone, member)
    first = await phone.page.locator(".pass .qr").get_attribute("src")
    assert first is not None
    await expect(phone.page.locator(".pass .qr")).not_to_have_attribute("src", first)
    assert (await made(hurried, member)).count(("card_code_made", "shown")) > 1


async def test_a_card_left_open_rests(hurried: Shop, pick_up: Pick) -> None:
    member = await hurried.join(ANNA)
    phone = await pick_up()
    await phone.pair(hurried)
    await card_of(phone, member)
    await phone.reads("The card rests, so that nobody else can use it.")
    await expect(phone.page.locator(".pass .qr")).to_have_count(0)
    assert (await made(hurried, member)).count(("card_code_made", "shown")) == 6
    await phone.tap("Show it again")
    await expect(phone.page.locator(".pass .qr")).to_be_visible()


async def test_the_card_is_black_on_white_in_the_dark_too(shop: Shop, pick_up: Pick) -> None:
    member = await shop.join(ANNA)
    phone = await pick_up(dark=True)
    await phone.pair(shop)
    await card_of(phone, member)
    await phone.reads("New code in")
    await phone.reads("RG-10482")
    ground = "getComputedStyle(document.querySelector('.pass')).backgroundColor"
    assert await phone.page.evaluate(ground) == "rgb(255, 255, 255)"


async def test_a_printed_card_holds_until_it_is_voided(shop: Shop, pick_up: Pick) -> None:
    member = await shop.join(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await card_of(phone, member)
    await phone.tap("Print a card")
    await phone.reads("whoever brings it stands for Anna Lindqvist")
    await phone.page.emulate_media(media="print")
    await expect(phone.page.locator(".paper .qr")).to_be_visible()
    for hidden in ("#app", ".sheet-head", ".sheet-body .button", ".sheet-body .hint"):
        await expect(phone.page.locator(hidden).first).to_be_hidden()
    await phone.page.emulate_media(media="screen")
    await phone.page.keyboard.press("Escape")
    await phone.tap("Void prints")
    await phone.reads("Every card printed for Anna Lindqvist so far stops working at once")
    await phone.tap("Void them")
    await phone.reads("Printed cards made so far are void")
    assert [entry for entry in await made(shop, member) if entry[0] != "card_viewed"][-2:] == [
        ("card_code_made", "printed"),
        ("cards_voided", "lost or replaced"),
    ]


async def test_nothing_of_another_member_shows_while_a_member_looks_at_the_screen(
    shop: Shop, pick_up: Pick
) -> None:
    anna, matteo = await shop.join(ANNA), await shop.consented(MATTEO)
    phone = await pick_up()
    await phone.pair(shop)
    await card_of(phone, anna)
    await shop.at_the_door(matteo)
    await phone.tap("Print a card")
    await expect(phone.page.locator(".paper .qr")).to_be_visible()
    await expect(phone.page.locator(".alert")).to_have_count(0)
    await phone.page.keyboard.press("Escape")
    await phone.tap("Back")
    await expect(phone.page.locator(".alert")).to_contain_text("Matteo")


async def test_a_lost_line_takes_the_code_away_and_says_so(hurried: Shop, pick_up: Pick) -> None:
    member = await hurried.join(ANNA)
    phone = await pick_up()
    await phone.pair(hurried)
    await card_of(phone, member)
    await phone.page.context.set_offline(True)
    await phone.reads("Check that this phone is on the shop's Wi-Fi")
    await expect(phone.page.locator(".pass .qr")).to_have_count(0)
    await phone.page.context.set_offline(False)
    await phone.tap("Show it again")
    await expect(phone.page.locator(".pass .qr")).to_be_visible()
