"""Losing the gateway: the phone says so, says how old its picture is, and misses nothing."""

from __future__ import annotations

from pathlib import Path

from e2e.shop import ANNA, CHEN, COLLEAGUE, Pick, Shop, open_shop, shop_config
from playwright.async_api import Request, expect


async def test_a_phone_out_of_reach_says_so_and_resumes_the_feed_without_a_gap(
    shop: Shop, pick_up: Pick
) -> None:
    anna, chen = await shop.join(ANNA), await shop.consented(CHEN)
    phone = await pick_up()
    await phone.pair(shop)
    await shop.gateway.arrivals.typed(COLLEAGUE, member_id=anna.id)
    await phone.reads(anna.name)

    loads: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/visits"):
            loads.append(request.url)

    phone.page.on("request", note)
    await phone.page.context.set_offline(True)
    await phone.reads("Not connected · as it was")
    await phone.reads(anna.name)
    await shop.at_the_door(chen)
    await phone.page.context.set_offline(False)
    await expect(phone.page.get_by_role("region", name=f"Possibly {chen.name}")).to_be_visible()
    await expect(phone.page.locator(".banner")).to_be_hidden()
    assert loads == [], "what was missed comes from the feed, not from loading it all again"


async def test_a_phone_follows_a_gateway_that_was_started_again(
    tmp_path: Path, pick_up: Pick
) -> None:
    config = shop_config(tmp_path / "state")
    phone = await pick_up()
    async with open_shop(config, tmp_path) as shop:
        await shop.join(ANNA)
        await phone.pair(shop)
        await phone.sees("A quiet moment")
    await phone.reads("Not connected · as it was")
    async with open_shop(config, tmp_path) as shop:
        await shop.gateway.arrivals.typed(COLLEAGUE, code=ANNA.card_number)
        await phone.reads(ANNA.name)
        await expect(phone.page.locator(".banner")).to_be_hidden()


async def test_what_is_tapped_without_a_gateway_fails_in_words_and_can_be_repeated(
    shop: Shop, pick_up: Pick
) -> None:
    member = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await shop.at_the_door(member)
    confirm = phone.page.get_by_role("button", name=f"It's them: {member.name}")
    await expect(confirm).to_be_visible()
    await phone.page.context.set_offline(True)
    await confirm.click()
    await phone.hears("Check that this phone is on the shop's Wi-Fi")
    await phone.page.context.set_offline(False)
    await confirm.click()
    await phone.reads("Confirmed")


async def test_the_app_opens_without_the_gateway_and_says_that_it_is_away(
    tmp_path: Path, pick_up: Pick
) -> None:
    phone = await pick_up()
    async with open_shop(shop_config(tmp_path / "state"), tmp_path) as shop:
        await phone.pair(shop)
        await phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await phone.page.reload()  # through the service worker, which keeps the files now
        await phone.sees("In store now")
        url = shop.url
    await phone.page.goto(url)
    await phone.sees("The gateway was not reached")
    await expect(phone.page.get_by_role("button", name="Try again")).to_be_visible()


async def test_a_message_that_skips_a_number_makes_the_phone_load_the_state_again(
    shop: Shop, pick_up: Pick
) -> None:
    """Another phone's revocation takes a number that this phone is not told."""
    member = await shop.join(ANNA)
    phone, other = await pick_up(), await pick_up()
    await phone.pair(shop)
    await other.pair(shop, guide_name="Tom")
    tom = next(s for s in await shop.gateway.pairing.sessions() if s.guide_name == "Tom")
    await shop.gateway.pairing.revoke(None, tom.id)
    await other.sees("Pair again")
    await shop.gateway.arrivals.typed(COLLEAGUE, member_id=member.id)
    await phone.reads(member.name)
