"""Finding members, their card, their profile and their notes."""

from __future__ import annotations

from e2e.shop import ANNA, CHEN, MATTEO, Pick, Shop
from playwright.async_api import expect

from edge.domain import Language


async def test_members_are_found_by_name_phone_and_card_number(shop: Shop, pick_up: Pick) -> None:
    for profile in (ANNA, CHEN, MATTEO):
        await shop.join(profile)
    phone = await pick_up()
    await phone.pair(shop)
    await phone.go("Members")
    field = phone.page.get_by_role("searchbox")
    results = phone.page.get_by_role("list", name="1 member")
    for typed, name in (
        ("lindq", ANNA.name),
        ("4567", ANNA.name),
        ("雨", CHEN.name),
        ("RG-33", MATTEO.name),
    ):
        await field.fill(typed)
        await expect(results).to_contain_text(name)
        await expect(results.get_by_role("listitem")).to_have_count(1)
    await field.fill("nobody at all")
    await phone.sees("Nobody found for “nobody at all”")


async def test_the_card_shows_sizes_purchases_and_who_looked(shop: Shop, pick_up: Pick) -> None:
    member = await shop.join(ANNA, purchases=6)
    phone = await pick_up()
    await phone.pair(shop, guide_name="Mei")
    await phone.go("Members")
    await phone.page.get_by_role("searchbox").fill("Anna")
    await phone.page.get_by_role("button", name=member.name).click()
    await phone.sees(member.name)
    sizes = phone.page.get_by_role("list", name="Sizes")
    await expect(sizes.get_by_role("listitem").first).to_have_text("Shoe38EU")
    await phone.reads("9 days ago")
    await phone.tap("All 6 purchases")
    await expect(phone.page.locator(".card-body .line")).to_have_count(6)
    await phone.tap("Who looked at this card")
    trail = phone.page.locator(".trail li").first
    await expect(trail).to_contain_text("Mei")
    await expect(trail).to_contain_text("Opened the card · after a search")


async def test_a_new_member_is_made_changed_and_noted(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.pair(shop, guide_name="Mei")
    await phone.go("Members")
    await phone.tap("New member")
    await phone.tap("Save")
    await phone.reads("A name is needed.")
    await phone.page.get_by_label("Name", exact=True).fill("Jo Park")
    await phone.page.get_by_label("Phone number").fill("12")
    await phone.tap("Save")
    await expect(phone.page.get_by_label("Phone number")).to_have_attribute("aria-invalid", "true")
    await phone.page.get_by_label("Phone number").fill("+44 7700 900123")
    await phone.tap("Add a size")
    await phone.page.get_by_label("Size", exact=True).fill("42")
    await phone.page.get_by_role("textbox", name="Preferences").fill("likes linen")
    await phone.page.get_by_label("中文").check()
    await phone.tap("Save")
    await phone.sees("Jo Park")
    await phone.reads("likes linen")

    await phone.page.get_by_label("Add a note").fill("Asked about boots.\nCall on Friday.")
    await phone.tap("Save note")
    await phone.reads("Asked about boots.")

    await phone.tap("Edit profile")
    await phone.page.get_by_role("switch", name="Do not disturb").check()
    await phone.tap("Save")
    await phone.hears("Profile saved")
    await phone.reads("Let them look around alone.")
    (found,) = await shop.gateway.store.read(lambda reader: reader.members.search("Jo Park", 5))
    assert (found.phone, found.language, found.do_not_disturb) == (
        "+447700900123",
        Language.CHINESE,
        True,
    )
    assert [f"{size.garment} {size.value} {size.system}" for size in found.sizes] == ["shoe 42 EU"]


async def test_a_card_that_another_guide_changes_is_drawn_again(shop: Shop, pick_up: Pick) -> None:
    member = await shop.join(ANNA)
    one, other = await pick_up(), await pick_up()
    for phone in (one, other):
        await phone.pair(shop)
        await phone.go("Members")
        await phone.page.get_by_role("searchbox").fill("Anna")
        await phone.page.get_by_role("button", name=member.name).click()
        await phone.sees(member.name)
    await one.page.get_by_label("Add a note").fill("Prefers the morning.")
    await one.tap("Save note")
    await other.reads("Prefers the morning.")

    draft = other.page.get_by_label("Add a note")
    await draft.fill("Half a thought")
    await one.page.get_by_label("Add a note").fill("Bring the blue one.")
    await one.tap("Save note")
    await one.reads("Bring the blue one.")
    await expect(draft).to_be_focused()
    await draft.blur()
    await other.reads("Bring the blue one.")
    await expect(draft).to_have_value("Half a thought")


async def test_the_phones_back_button_closes_one_screen_after_the_other(
    shop: Shop, pick_up: Pick
) -> None:
    member = await shop.join(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await phone.go("Members")
    await phone.page.get_by_role("searchbox").fill("Anna")
    await phone.page.get_by_role("button", name=member.name).click()
    await phone.sees(member.name)
    await phone.tap("Edit profile")
    await phone.sees("Edit profile")
    await phone.page.go_back()
    await phone.sees(member.name)
    await phone.page.go_back()
    await expect(phone.page.get_by_role("searchbox")).to_have_value("Anna")
