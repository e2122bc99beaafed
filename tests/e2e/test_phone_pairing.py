"""Pairing and losing a phone, in a real browser against the real gateway."""

from __future__ import annotations

import re

from e2e.shop import ANNA, Pick, Shop
from playwright.async_api import expect

from edge.domain import Role


async def test_a_phone_pairs_by_the_address_of_the_qr(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.page.goto(f"{shop.url}/pair#{await shop.invite()}")
    await phone.page.get_by_label("Name of this phone").fill("Mei's phone")
    await phone.tap("Pair this phone")
    await phone.sees("In store now")
    assert phone.page.url == f"{shop.url}/", "the code must not stay in the address"
    (session,) = await shop.gateway.pairing.sessions()
    assert session.device == "Mei's phone"


async def test_a_phone_that_does_not_know_the_gateway_yet_learns_how_and_keeps_its_code(
    shop: Shop, pick_up: Pick
) -> None:
    phone = await pick_up()
    await phone.page.goto(f"{shop.url}/pair#{await shop.invite()}")
    await phone.tap("First time with this phone? Let it trust the gateway")
    await phone.sees("Let this phone trust the gateway")
    link = phone.page.get_by_role("link", name="Download the certificate")
    async with phone.page.expect_download() as downloading:
        await link.click()
    assert (await downloading.value).suggested_filename == "regulars-ca.crt"
    await phone.page.get_by_label("Apple").check()
    profile = phone.page.get_by_role("link", name="Download the profile")
    assert await profile.get_attribute("href") == "/ca.mobileconfig"
    shown = await phone.page.locator(".fingerprint-digits").inner_text()
    assert re.fullmatch(r"[0-9A-F]{2}(\s[0-9A-F]{2}){31}", shown)
    await phone.tap("It is installed")
    await phone.tap("Pair this phone")
    await phone.sees("In store now")


async def test_the_page_about_trust_has_an_address_of_its_own(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.page.goto(f"{shop.url}/trust")
    await phone.sees("Let this phone trust the gateway")
    await phone.tap("It is installed")
    await phone.sees("Pair this phone")


async def test_a_code_that_was_used_is_explained_and_can_be_typed_again(
    shop: Shop, pick_up: Pick
) -> None:
    code = await shop.invite()
    first, second = await pick_up(), await pick_up()
    for phone in (first, second):
        await phone.page.goto(f"{shop.url}/pair#{code}")
    await first.tap("Pair this phone")
    await first.sees("In store now")
    await second.tap("Pair this phone")
    await second.reads("This code is not right, was used, or its five minutes are over")
    await second.page.get_by_label("Code").fill((await shop.invite()).lower())
    await second.tap("Pair this phone")
    await second.sees("In store now")


async def test_guessing_codes_is_stopped_in_words(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.page.goto(shop.url)
    await phone.sees("Pair this phone")
    button = phone.page.get_by_role("button", name="Pair this phone")
    code = phone.page.get_by_label("Code")
    error = phone.page.get_by_role("alert").filter(has_text="code")
    for attempt in range(40):
        await code.fill(f"WRONG{attempt:03}")
        await button.click()
        await expect(error).to_be_visible()
        await expect(button).to_be_enabled()
        if "Too many tries" in (await error.inner_text()):
            return
    raise AssertionError("forty wrong codes were taken without a pause")


async def test_a_manager_invites_a_phone_and_revokes_it(shop: Shop, pick_up: Pick) -> None:
    member = await shop.join(ANNA)
    manager, guide = await pick_up(), await pick_up()
    await manager.pair(shop, Role.MANAGER)
    await manager.go("Shop")
    await manager.tap("Invite a phone")
    await manager.page.get_by_label("Who will use it").fill("Tom")
    await manager.tap("Show the QR")
    await expect(
        manager.page.get_by_role("img", name="QR code that pairs Tom's phone")
    ).to_be_visible()
    await manager.reads("Works for another 4:")
    code = await manager.page.locator(".code").inner_text()

    await guide.page.goto(shop.url)
    await guide.page.get_by_label("Code").fill(code)
    await guide.tap("Pair this phone")
    await guide.sees("In store now")
    await guide.go("Members")
    await guide.page.get_by_role("searchbox").fill("Anna")
    await guide.reads(member.name)

    await manager.tap("Done")
    await manager.go("In store")
    await manager.go("Shop")
    await manager.page.get_by_role("button", name="Revoke Tom").click()
    await manager.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    await guide.sees("Pair again")
    await guide.reads("This phone's pairing has ended")
    assert member.name not in await guide.page.content()


async def test_a_guide_is_not_offered_what_only_a_manager_may_do(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.pair(shop, Role.GUIDE)
    await phone.go("Shop")
    await phone.sees("This phone")
    await expect(phone.page.get_by_text("Paired phones")).to_have_count(0)


async def test_a_phone_is_unpaired_from_itself(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.pair(shop)
    await phone.go("Shop")
    await phone.tap("Unpair this phone")
    await phone.tap("Unpair")
    await phone.reads("This phone is no longer paired")
    assert await shop.gateway.pairing.sessions() == []


async def test_the_end_of_a_shift_leaves_nothing_about_members(shop: Shop, pick_up: Pick) -> None:
    member = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await shop.at_the_door(member)
    await phone.reads(member.name)
    await phone.tap("Answer later")
    await phone.go("Shop")
    await phone.tap("End shift")
    await phone.sees("Shift ended")
    assert member.name not in await phone.page.content()
    await phone.tap("Start a shift")
    await phone.reads(member.name)


async def test_nothing_about_members_is_kept_in_the_browser(shop: Shop, pick_up: Pick) -> None:
    member = await shop.consented(ANNA, purchases=3)
    phone = await pick_up()
    await phone.pair(shop)
    await phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await shop.at_the_door(member)
    await phone.tap(f"Open the card of {member.name}")
    await phone.sees(member.name)
    await phone.go("Shop")
    await phone.page.get_by_label("中文").check()
    kept = await phone.page.evaluate(
        """async () => {
          const files = [];
          for (const name of await caches.keys())
            for (const request of await (await caches.open(name)).keys())
              files.push(new URL(request.url).pathname);
          return {
            local: Object.keys(localStorage), session: Object.keys(sessionStorage),
            databases: (await indexedDB.databases()).length, cookies: document.cookie,
            files, address: location.href, state: JSON.stringify(history.state),
          };
        }"""
    )
    assert kept["local"] == ["regulars.language"]
    assert kept["session"] == []
    assert kept["databases"] == 0
    assert kept["cookies"] == "", "the session must be out of reach of scripts"
    assert not [path for path in kept["files"] if path.startswith("/api/")]
    assert member.id not in kept["address"] + kept["state"]
