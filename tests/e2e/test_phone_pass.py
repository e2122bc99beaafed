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
from edge.rules.member_card import STEP

NOTHING_IS_LATE = "AbortSignal.timeout = () => new AbortController().signal"
"""A phone on which time leaps waits for each answer as long as it takes."""


class Clock:
    """The gateway's; a test puts it ahead."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def turn(self) -> None:
        """From now on a card has another code."""
        self._ahead += STEP


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def turning(tmp_path: Path, clock: Clock) -> AsyncIterator[Shop]:
    """A shop in which a card's codes turn when the test says so."""
    config = shop_config(tmp_path / "state")
    async with gateway(config, tmp_path / "models", clock=clock) as running:
        yield Shop(running)


async def card_of(phone: Phone, member: Member) -> None:
    await open_card(phone, member)
    await show_card(phone)


async def open_card(phone: Phone, member: Member) -> None:
    await phone.go("Members")
    await phone.page.get_by_role("searchbox").fill(member.name[:4])
    await phone.page.get_by_role("button", name=re.compile(member.name)).click()
    await phone.sees(member.name)


async def show_card(phone: Phone) -> None:
    await phone.tap("Show the card")
    await expect(phone.page.locator(".pass .qr")).to_be_visible()


async def still_card_of(shop: Shop, pick_up: Pick, member: Member) -> Phone:
    """A phone that shows a card, and on which time stands still."""
    phone = await pick_up()
    await phone.page.clock.install()
    await phone.pair(shop)
    await open_card(phone, member)
    await phone.page.evaluate(NOTHING_IS_LATE)
    await phone.page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    await show_card(phone)
    return phone


async def look_again(phone: Phone) -> None:
    """Minutes go by at once, after which the phone looks and finds that its code is over."""
    await phone.page.clock.fast_forward(600_000)


async def turn(phone: Phone, clock: Clock) -> None:
    """Another code takes the place of the one that is shown."""
    before = await phone.page.locator(".pass .qr").get_attribute("src")
    assert before is not None
    clock.turn()
    await look_again(phone)
    await expect(phone.page.locator(".pass .qr")).not_to_have_attribute("src", before)


async def made(shop: Shop, member: Member) -> list[tuple[str, str]]:
    entries = await shop.gateway.store.read(lambda reader: reader.audit.of(member.id, 50))
    return [(entry.action, entry.reason) for entry in reversed(entries)]


async def test_the_card_turns_by_itself_and_each_code_is_written_down(
    turning: Shop, clock: Clock, pick_up: Pick
) -> None:
    member = await turning.join(ANNA)
    phone = await still_card_of(turning, pick_up, member)
    await turn(phone, clock)
    assert (await made(turning, member)).count(("card_code_made", "shown")) == 2


async def test_a_card_left_open_rests(turning: Shop, clock: Clock, pick_up: Pick) -> None:
    member = await turning.join(ANNA)
    phone = await still_card_of(turning, pick_up, member)
    for _ in range(5):
        await turn(phone, clock)
    await look_again(phone)
    await phone.reads("The card rests, so that nobody else can use it.")
    await expect(phone.page.locator(".pass .qr")).to_have_count(0)
    assert (await made(turning, member)).count(("card_code_made", "shown")) == 6
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
    await phone.hears("Printed cards made so far are void")
    printed = ("card_code_made", "printed")
    voided = ("cards_voided", "lost or replaced")
    # The code on the screen turns whenever half a minute is over.
    assert [entry for entry in await made(shop, member) if entry in (printed, voided)] == [
        printed,
        voided,
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


async def test_a_lost_line_takes_the_code_away_and_says_so(turning: Shop, pick_up: Pick) -> None:
    member = await turning.join(ANNA)
    phone = await still_card_of(turning, pick_up, member)
    await phone.page.context.set_offline(True)
    await look_again(phone)
    await phone.reads("Check that this phone is on the shop's Wi-Fi")
    await expect(phone.page.locator(".pass .qr")).to_have_count(0)
    await phone.page.context.set_offline(False)
    await phone.tap("Show it again")
    await expect(phone.page.locator(".pass .qr")).to_be_visible()
