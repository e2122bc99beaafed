"""Scanning on the phone: by handheld, keypad, picture and the shop's scanners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import segno
from component.scanner_shop import until
from e2e.counter import BIG, CONE, LOAFERS, REGULAR, WELCOME, open_counter, wedge
from e2e.shop import ANNA, CHEN, Phone, Pick, Shop
from e2e.unhurried import PATIENCE_MS, QUESTIONS_STAY
from playwright.async_api import expect
from ports import free_port

from edge.domain import RedemptionState
from edge.rules.guessing import WRONG_TRIES


@pytest.fixture
def till() -> int:
    """The port to which the till's scanner connects."""
    return free_port()


@pytest.fixture
async def shop(tmp_path: Path, till: int) -> AsyncIterator[Shop]:
    async with open_counter(tmp_path, till) as opened:
        yield opened


async def scanning(pick_up: Pick, shop: Shop) -> Phone:
    """A phone on its scan screen."""
    phone = await pick_up()
    await phone.pair(shop)
    await phone.go("Scan")
    await phone.sees("Scan")
    return phone


async def uses(shop: Shop) -> list[RedemptionState]:
    """Every use of every voucher, as the store has it."""
    read = shop.gateway.store.read
    campaigns = await read(lambda reader: reader.vouchers.campaigns())
    found = [
        await read(lambda reader, c=campaign: reader.redemptions.of_campaign(c.id))
        for campaign in campaigns
    ]
    return [use.state for several in found for use in several]


async def test_a_handheld_types_a_voucher_that_is_redeemed_and_undone(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await scanning(pick_up, shop)
    await wedge(phone, WELCOME)
    await phone.sees("Valid")
    await phone.reads("Welcome back")
    await phone.reads("€10 off")
    assert await uses(shop) == []
    await phone.tap("Redeem")
    await phone.sees("Redeemed")
    assert await uses(shop) == [RedemptionState.COMMITTED]
    undo = phone.page.get_by_role("button", name="Undo")
    await expect(undo).to_contain_text("s")
    await undo.click()
    await phone.sees("Undone")
    assert await uses(shop) == [RedemptionState.REVERSED]


async def test_a_refusal_says_what_would_make_it_valid(shop: Shop, pick_up: Pick) -> None:
    phone = await scanning(pick_up, shop)
    await wedge(phone, CONE)
    await phone.sees("Not valid")
    await phone.reads("Valid from ")
    await expect(phone.page.get_by_role("button", name="Redeem")).to_have_count(0)
    await wedge(phone, BIG)
    await phone.reads("Depends on the purchase, at least EUR 30")
    await phone.page.get_by_label("Purchase in EUR").fill("12,50")
    await phone.tap("Check")
    await phone.reads("Needs a purchase, at least EUR 30")
    await phone.page.get_by_label("Purchase in EUR").fill("50")
    await phone.tap("Check")
    await phone.sees("Valid")
    await phone.reads("€10")
    await phone.tap("Redeem")
    await phone.sees("Redeemed")


async def test_a_members_voucher_asks_for_the_card_and_goes_on_by_itself(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await scanning(pick_up, shop)
    await wedge(phone, REGULAR)
    await phone.reads("Needs the member's card or phone number")
    await phone.tap("Scan the member's card")
    await wedge(phone, str(CHEN.card_number))
    await phone.reads("Belongs to another member")
    await phone.tap("Scan the member's card")
    await wedge(phone, str(ANNA.card_number))
    await phone.sees("Valid")
    await phone.tap("Redeem")
    await phone.sees("Redeemed")


async def test_a_members_code_opens_the_visit_and_a_product_then_shows_their_size(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await scanning(pick_up, shop)
    await wedge(phone, str(ANNA.card_number))
    await phone.sees(ANNA.name)
    (details,) = await shop.gateway.arrivals.now_in_store()
    assert details.visit.arrived_by.value == "code"
    await phone.tap("Back")
    await phone.reads("Serving Anna Lindqvist")
    await wedge(phone, LOAFERS[0])
    await phone.sees("Leather loafers")
    fits = phone.page.locator(".fits")
    await expect(fits).to_contain_text("Anna Lindqvist wears")
    await expect(fits).to_contain_text("38 EU")
    await expect(fits).to_contain_text("3 in stock")


async def test_digits_are_typed_on_large_keys_in_groups(shop: Shop, pick_up: Pick) -> None:
    phone = await scanning(pick_up, shop)
    await phone.tap("Type a code")
    for digit in "4006381333948":
        await phone.tap(digit)
    await expect(phone.page.locator("output.typed")).to_have_text("4006 3813 3394 8")
    await phone.tap("Look it up")
    await phone.sees("Leather loafers")
    await phone.tap("Scan the next one")
    await phone.tap("Type a code")
    await phone.tap("With letters")
    await phone.page.get_by_label("Code", exact=True).fill("welcome 10")
    await phone.tap("Look it up")
    await phone.sees("Valid")


async def test_a_picture_of_a_code_is_read(shop: Shop, pick_up: Pick, tmp_path: Path) -> None:
    phone = await scanning(pick_up, shop)
    # What reads them is a process of its own.
    await until(lambda: shop.gateway.scanners.load is not None, PATIENCE_MS / 1000)
    segno.make(WELCOME).save(str(tmp_path / "code.png"), scale=8)
    segno.make("https://example.org/menu?day=1").save(str(tmp_path / "menu.png"), scale=8)
    chosen = phone.page.get_by_label("Choose a picture").last
    await chosen.set_input_files(tmp_path / "code.png")
    await phone.sees("Valid")
    await phone.tap("Back")
    await chosen.set_input_files(tmp_path / "menu.png")
    await phone.sees("Unknown code")
    await phone.reads("https://example.org/menu?day=1")


async def test_what_cannot_be_true_has_words_of_its_own(shop: Shop, pick_up: Pick) -> None:
    phone = await scanning(pick_up, shop)
    for typed, heading, words in (
        ("]E04006381333930", "Not a true code", "The check digit is wrong"),
        ("]C117260230", "Not a true code", "It names a day that does not exist."),
        ("]C105123", "Not a true code", "a field that GS1 does not know"),
        ("]C110B-7", "No product number", "names no product"),
        ("RV:AAAAAAAA", "Not valid", "This is not a voucher"),
        ("]E04012345000009", "Not in the catalogue", "04012345000009"),
        ("x" * 3000, "Unknown code", "xxx"),
        ("y" * 8000, "Not a true code", "longer than any code"),
    ):
        await wedge(phone, typed)
        await phone.sees(heading)
        await phone.reads(words)
        await phone.tap("Scan the next one")


async def test_a_wedge_without_an_end_is_cut_off_and_the_next_code_works(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await scanning(pick_up, shop)
    await phone.page.evaluate(
        """() => {
          for (let n = 0; n < 20_000; n += 1)
            document.body.dispatchEvent(
              new KeyboardEvent("keydown", { key: "7", bubbles: true, cancelable: true }));
          document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
        }"""
    )
    await phone.hears("It is longer than any code can be.")
    await wedge(phone, WELCOME)
    await phone.sees("Valid")


async def test_who_guesses_is_told_to_wait_and_learns_nothing(shop: Shop, pick_up: Pick) -> None:
    phone = await scanning(pick_up, shop)
    for number in range(WRONG_TRIES):
        await wedge(phone, f"GUESS{number}")
        await phone.reads(f"GUESS{number}")
    await wedge(phone, WELCOME)
    await phone.sees("Not accepted")
    await phone.reads("Too many wrong codes; try again from ")


async def test_a_scanner_of_the_shop_opens_on_the_phone_that_follows_it(
    shop: Shop, till: int, pick_up: Pick
) -> None:
    follower, other = await scanning(pick_up, shop), await pick_up()
    await other.page.add_init_script(QUESTIONS_STAY)
    await other.pair(shop, guide_name="Tom")
    await follower.tap("Follow a scanner")
    await follower.tap("Till 1")
    await follower.reads("Follows Till 1")
    _, writer = await asyncio.open_connection("127.0.0.1", till)
    writer.write(f"{WELCOME}\r".encode())
    await writer.drain()
    await follower.sees("Valid")
    await other.reads("Till 1: a voucher")
    await other.tap("Show")
    await other.sees("Valid")
    await other.tap("Redeem")
    await other.sees("Redeemed")
    await follower.tap("Redeem")
    await follower.sees("Not valid")
    await follower.reads("Used already")
    writer.close()


async def test_offline_says_so_keeps_nothing_and_goes_on(shop: Shop, pick_up: Pick) -> None:
    phone = await scanning(pick_up, shop)
    await phone.page.context.set_offline(True)
    await wedge(phone, WELCOME)
    await phone.sees("The gateway was not reached")
    await phone.reads("the code was not kept on this phone")
    await phone.page.context.set_offline(False)
    await phone.tap("Try again")
    await phone.sees("Valid")
    await phone.page.context.set_offline(True)
    await phone.tap("Redeem")
    await phone.hears("Check that this phone is on the shop's Wi-Fi")
    await phone.page.context.set_offline(False)
    await phone.tap("Redeem")
    await phone.sees("Redeemed")
    assert await uses(shop) == [RedemptionState.COMMITTED]
