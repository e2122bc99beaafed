"""Who is in the store, the alert and its two answers, on one phone and on several."""

from __future__ import annotations

from e2e.shop import ANNA, CHEN, MATTEO, Phone, Pick, Shop
from playwright.async_api import Locator, expect

COUNT_RINGS = "window.rings = 0; navigator.vibrate = () => { window.rings += 1; return true; };"


def alert(phone: Phone, name: str) -> Locator:
    return phone.page.get_by_role("region", name=f"Possibly {name}")


async def rings(phone: Phone) -> int:
    return int(await phone.page.evaluate("window.rings"))


async def test_a_typed_arrival_shows_on_every_phone(shop: Shop, pick_up: Pick) -> None:
    member = await shop.join(ANNA)
    one, other = await pick_up(), await pick_up()
    await one.pair(shop)
    await other.pair(shop)
    await other.sees("A quiet moment")
    await one.tap("Check in")
    await one.page.get_by_label("Card or code").last.fill("RG-10482")
    await one.tap("They are here")
    await one.sees(member.name)
    row = other.page.get_by_role("listitem").filter(has_text=member.name)
    await expect(row).to_contain_text("By card")
    await one.tap("They have left")
    await other.sees("A quiet moment")


async def test_a_phone_number_checks_in_and_an_unknown_one_is_explained(
    shop: Shop, pick_up: Pick
) -> None:
    member = await shop.join(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await phone.tap("Check in")
    await phone.page.get_by_label("Phone number").first.check()
    number = phone.page.get_by_label("Phone number").last
    await number.fill("+49 30 000000")
    await phone.tap("They are here")
    await phone.reads("No member has this")
    await number.fill("+46 70 123 45 67")
    await phone.tap("They are here")
    await phone.sees(member.name)
    await phone.reads("By phone")


async def test_an_alert_shows_what_a_guide_needs_and_is_confirmed(
    shop: Shop, pick_up: Pick
) -> None:
    member = await shop.consented(ANNA, purchases=3)
    one, other = await pick_up(), await pick_up()
    for phone in (one, other):
        await phone.page.add_init_script(COUNT_RINGS)
        await phone.pair(shop)
    await shop.at_the_door(member)
    sheet = alert(one, member.name)
    for fact in ("Possibly", "Front door", "38", "EU", "Wool and linen", "Linen shirt"):
        await expect(sheet).to_contain_text(fact)
    await expect(one.page.locator("#announcer")).to_have_text("Possibly Anna Lindqvist, Front door")
    assert await rings(one) == 1
    await one.tap(f"It's them: {member.name}")
    await expect(sheet).to_have_count(0)
    await expect(alert(other, member.name)).to_have_count(0)
    row = other.page.get_by_role("listitem").filter(has_text=member.name)
    await expect(row).to_contain_text("Confirmed")


async def test_not_them_ends_the_claim_on_every_phone(shop: Shop, pick_up: Pick) -> None:
    member = await shop.consented(ANNA)
    one, other = await pick_up(), await pick_up()
    await one.pair(shop)
    await other.pair(shop)
    await shop.at_the_door(member)
    await expect(alert(other, member.name)).to_be_visible()
    await one.tap(f"Not them: {member.name}")
    await one.sees("A quiet moment")
    await other.sees("A quiet moment")
    await expect(alert(other, member.name)).to_have_count(0)


async def test_alerts_wait_for_each_other_and_can_be_put_away(shop: Shop, pick_up: Pick) -> None:
    anna, chen = await shop.consented(ANNA), await shop.consented(CHEN)
    phone = await pick_up()
    await phone.pair(shop)
    await shop.at_the_door(anna)
    await expect(alert(phone, anna.name)).to_be_visible()
    await shop.at_the_door(chen)
    await expect(alert(phone, anna.name)).to_contain_text("1 more")
    await phone.tap("Answer later")
    await expect(alert(phone, chen.name)).to_be_visible()
    await phone.page.keyboard.press("Escape")
    await expect(alert(phone, chen.name)).to_have_count(0)
    await expect(phone.page.get_by_role("listitem").filter(has_text="Possibly")).to_have_count(2)
    await phone.page.get_by_role("button", name=anna.name).click()
    await phone.tap(f"It's them: {anna.name}")
    await phone.reads("Confirmed")


async def test_who_wants_to_be_left_alone_is_announced_quietly(shop: Shop, pick_up: Pick) -> None:
    member = await shop.consented(MATTEO)
    phone = await pick_up()
    await phone.page.add_init_script(COUNT_RINGS)
    await phone.pair(shop)
    await shop.at_the_door(member)
    await expect(alert(phone, member.name)).to_contain_text("Do not disturb")
    assert await rings(phone) == 0


async def test_the_sound_can_be_switched_off(shop: Shop, pick_up: Pick) -> None:
    member = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.page.add_init_script(COUNT_RINGS)
    await phone.pair(shop)
    await phone.go("Shop")
    await phone.page.get_by_role("switch", name="Sound and vibration").uncheck()
    await shop.at_the_door(member)
    await expect(alert(phone, member.name)).to_be_visible()
    assert await rings(phone) == 0


async def test_an_alert_does_not_take_the_keyboard_from_a_guide_who_types(
    shop: Shop, pick_up: Pick
) -> None:
    member = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await phone.go("Members")
    field = phone.page.get_by_role("searchbox")
    await field.press_sequentially("Ma")
    await shop.at_the_door(member)
    await expect(alert(phone, member.name)).to_be_visible()
    await expect(field).to_be_focused()
    await expect(phone.page.get_by_role("button", name="It's them")).to_be_hidden()
    await field.press_sequentially("tteo")
    await expect(field).to_have_value("Matteo")
    await phone.tap(f"Open the card of {member.name}")
    await expect(phone.page.get_by_role("button", name=f"It's them: {member.name}")).to_be_visible()
