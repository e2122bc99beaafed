"""What "not them" teaches, as guides see it: on the card, removable, and before the next alert."""

from __future__ import annotations

from e2e.shop import ANNA, GRACE, MATTEO, Phone, Pick, Shop
from e2e.unhurried import QUESTIONS_STAY
from playwright.async_api import Locator, expect

from edge.domain import Member, Role


def alert(phone: Phone, name: str) -> Locator:
    return phone.page.get_by_role("region", name=f"Possibly {name}")


def guard_on(phone: Phone) -> Locator:
    return phone.page.get_by_role("list", name="What “not them” taught the door")


async def open_card(phone: Phone, member: Member) -> None:
    await phone.go("Members")
    await phone.page.get_by_role("searchbox").fill(member.name)
    await phone.page.get_by_role("button", name=member.name).click()
    await phone.sees(member.name)


async def test_a_guard_stands_on_the_card_and_one_tap_removes_it(shop: Shop, pick_up: Pick) -> None:
    member = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop)
    await shop.at_the_door(member)
    await phone.tap(f"Not them: {member.name}")
    await expect(alert(phone, member.name)).to_have_count(0)
    await open_card(phone, member)
    await expect(guard_on(phone)).to_contain_text("Named only on a closer match")
    await expect(guard_on(phone)).to_contain_text("Mei said “not them”")
    await phone.tap("Remove: Named only on a closer match")
    await expect(guard_on(phone)).to_have_count(0)


async def test_saying_who_it_was_teaches_both_cards_and_the_next_alert(
    shop: Shop, pick_up: Pick
) -> None:
    anna, grace = await shop.consented(ANNA), await shop.consented(GRACE)
    phone = await pick_up()
    await phone.page.add_init_script(QUESTIONS_STAY)
    await phone.pair(shop)
    await shop.at_the_door(anna)
    await phone.tap(f"Not them: {anna.name}")
    await phone.tap("Who was it?")
    await phone.page.get_by_role("searchbox").fill("Grace")
    await phone.page.get_by_role("button", name=grace.name).click()
    await phone.tap("They are here")
    await expect(guard_on(phone)).to_contain_text("Was taken for Anna Lindqvist")
    await shop.at_the_door(anna)
    await expect(alert(phone, anna.name)).to_contain_text("Looks like Grace Okafor: ask the name")
    await expect(phone.page.locator("#announcer")).to_contain_text("Looks like Grace Okafor.")
    await phone.tap(f"Open the card of {anna.name}")
    await phone.reads("Looks much like Grace Okafor")


async def test_members_who_look_alike_are_marked_on_both_cards_without_any_mistake(
    shop: Shop, pick_up: Pick
) -> None:
    anna, matteo = await shop.consented(ANNA), await shop.consented(MATTEO)
    shop.look_alike(anna, matteo)
    phone = await pick_up()
    await phone.pair(shop, Role.MANAGER)
    for member, other in ((anna, matteo), (matteo, anna)):
        await open_card(phone, member)
        await phone.reads(f"Looks much like {other.name}")
        await phone.tap("Back")


async def test_a_manager_sees_all_that_was_learnt_and_takes_it_back(
    shop: Shop, pick_up: Pick
) -> None:
    member = await shop.consented(ANNA)
    phone = await pick_up()
    await phone.pair(shop, Role.MANAGER)
    await shop.at_the_door(member)
    await phone.tap(f"Not them: {member.name}")
    await expect(alert(phone, member.name)).to_have_count(0)
    await phone.go("Shop")
    await phone.tap("Learnt from “not them”")
    await expect(guard_on(phone)).to_contain_text("Anna Lindqvist: named only on a closer match")
    await phone.tap("Remove: Anna Lindqvist: named only on a closer match")
    await phone.sees("Nothing to unlearn")
