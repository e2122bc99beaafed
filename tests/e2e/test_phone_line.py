"""The line to headquarters on phones: how it is, what waits, and how fresh a card is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from e2e.counter import furnish
from e2e.line import (
    catch_up,
    caught_up,
    hear_who_withdrew,
    hold_back,
    lose,
    only_what_is_told,
    wait_for_the_line,
    with_headquarters,
)
from e2e.shop import ANNA, Pick, Shop, open_shop, shop_config
from playwright.async_api import expect

from edge.domain import Role


@pytest.fixture
async def chain_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    """A shop whose headquarters does not answer."""
    only_what_is_told(monkeypatch)
    config = with_headquarters(shop_config(tmp_path / "state"), tmp_path / "hq")
    async with open_shop(config, tmp_path / "models") as opened:
        yield opened


async def test_a_line_that_is_down_says_since_when_and_that_nothing_is_lost(
    chain_shop: Shop, pick_up: Pick
) -> None:
    phone = await pick_up()
    await phone.pair(chain_shop, Role.MANAGER)
    await wait_for_the_line(chain_shop, 12)
    lose(chain_shop)
    await phone.go("Shop")
    await phone.page.get_by_role("button", name=re.compile("Not reached")).click()
    await phone.sees("Not reached")
    # The thirteenth says which release runs here.
    await phone.reads("Nothing is lost: 13 messages wait here and go up by themselves.")
    await phone.reads("No answer. Check the shop's internet")
    await caught_up(chain_shop)
    await phone.sees("In line")


async def test_a_card_says_as_of_when_only_while_headquarters_is_out_of_line(
    chain_shop: Shop, pick_up: Pick
) -> None:
    await hear_who_withdrew(chain_shop)
    member = await chain_shop.join(ANNA, purchases=2)
    phone = await pick_up()
    await phone.pair(chain_shop)
    await phone.go("Members")
    await phone.page.get_by_role("searchbox").fill("Anna")
    await phone.page.get_by_role("button", name=re.compile(member.name)).click()
    await phone.sees(member.name)
    as_of = phone.page.locator(".as-of")
    await catch_up(chain_shop)
    await expect(as_of).to_have_text(re.compile(r"^As of \d\d:\d\d · nothing newer"))
    await caught_up(chain_shop)
    await expect(as_of).to_be_hidden()
    lose(chain_shop)
    await expect(as_of).to_be_visible()


async def test_what_is_in_quarantine_says_what_to_do_and_is_tried_again(
    chain_shop: Shop, pick_up: Pick
) -> None:
    member = await chain_shop.join(ANNA)
    await furnish(chain_shop, member.id)
    await hold_back(chain_shop)
    phone = await pick_up()
    await phone.pair(chain_shop, Role.MANAGER)
    await phone.go("Shop")
    await phone.page.get_by_role("button", name=re.compile("^(Connecting|Not reached)")).click()
    await phone.reads("1 message that headquarters did not take")
    await phone.reads("Headquarters is older than this gateway.")
    await phone.reads("1 change that this shop could not take in")
    await phone.reads("0 of 50")
    await phone.tap("Try again")
    await phone.hears("2 things are tried again")
    await expect(phone.page.get_by_text("that headquarters did not take")).to_have_count(0)
    assert await chain_shop.gateway.store.read(lambda r: r.outbox.held_count()) == 0


async def test_a_resync_shows_how_far_it_is(chain_shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.pair(chain_shop, Role.MANAGER)
    await catch_up(chain_shop)
    await phone.go("Shop")
    await phone.page.get_by_role("button", name=re.compile("^Catching up")).click()
    await phone.reads("131,000")


async def test_a_guide_sees_the_line_and_is_not_led_to_the_page(
    chain_shop: Shop, pick_up: Pick
) -> None:
    phone = await pick_up()
    await phone.pair(chain_shop, Role.GUIDE)
    await phone.go("Shop")
    await phone.sees("Headquarters")
    await expect(phone.page.locator("button.entry")).to_have_count(0)


async def test_a_shop_on_its_own_says_that_nothing_is_missing(shop: Shop, pick_up: Pick) -> None:
    manager = await pick_up()
    await manager.pair(shop, Role.MANAGER)
    await manager.go("Shop")
    await manager.page.get_by_role("button", name=re.compile("No headquarters")).click()
    await manager.reads("This shop works alone, and nothing is missing.")
    guide = await pick_up()
    await guide.pair(shop, Role.GUIDE)
    await guide.go("Shop")
    await guide.sees("This phone")
    await expect(guide.page.get_by_role("heading", name="Headquarters")).to_have_count(0)
