"""The merchant's pages in a real browser: readable, named, within the screen, alive."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from e2e.look import faults
from e2e.merchant import LARGE, Merchant, open_merchant, stops
from e2e.shop import PHONE_SIZE
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from hq.pages.words import LANGUAGES, dictionary

DESK, TABLET = {"width": 1280, "height": 800}, {"width": 820, "height": 1180}
PROJECT = Path(__file__).parents[2]


@pytest.fixture
async def merchant(postgres: str) -> AsyncIterator[Merchant]:
    async with open_merchant(postgres) as opened:
        yield opened


async def a_page(browser: Browser, **options: Any) -> tuple[Page, list[str]]:
    """A browser of its own, and what it complains of while it is used."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    broken: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            broken.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: broken.append(str(error)))
    return page, broken


async def signed_in(browser: Browser, merchant: Merchant, **options: Any) -> Page:
    page, _ = await a_page(browser, **options)
    await page.goto(await merchant.link())
    await page.locator("form.sign-in button").click()
    await page.locator("nav").wait_for()
    return page


@pytest.mark.parametrize("size", [DESK, TABLET, PHONE_SIZE], ids=["desk", "tablet", "phone"])
async def test_every_screen_is_readable_named_and_within_the_screen(
    merchant: Merchant, browser: Browser, size: dict[str, int]
) -> None:
    wrong: dict[str, list[str]] = {}
    seen: set[str] = set()
    for locale, colours in (
        ("en-GB", "light"),
        ("en-GB", "dark"),
        ("zh-CN", "light"),
        ("zh-CN", "dark"),
    ):
        page, broken = await a_page(browser, viewport=size, locale=locale, color_scheme=colours)
        async for stop in stops(merchant, page):
            seen.add(stop)
            if found := [*await faults(page), *broken]:
                wrong[f"{stop} {locale} {colours}"] = found
        await page.context.close()
    assert wrong == {}
    assert len(seen) > 12


async def test_a_chain_that_has_not_begun_says_what_to_do(postgres: str, browser: Browser) -> None:
    async with open_merchant(postgres, chain=False) as merchant:
        page = await signed_in(browser, merchant, viewport=PHONE_SIZE)
        await expect(page.get_by_text("A chain begins with one store")).to_be_visible()
        for path in ("/", "/repurchase", "/regulars", "/consent", "/quarantine", "/releases"):
            await page.goto(merchant.address + path)
            assert await faults(page) == [], path


async def test_a_value_is_said_under_the_pointer(merchant: Merchant, browser: Browser) -> None:
    page = await signed_in(browser, merchant, viewport=DESK)
    await page.goto(f"{merchant.address}/stores/{LARGE.id}")
    await page.locator(".heat rect").first.hover()
    await expect(page.locator("#tip")).to_have_text(re.compile(r"^Mon 10:00 · [\d,]+$"))
    box = await page.locator("#tip").bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= DESK["width"] - box["width"]


async def test_choosing_a_store_shows_it_at_once(merchant: Merchant, browser: Browser) -> None:
    page = await signed_in(browser, merchant, viewport=DESK)
    await page.goto(f"{merchant.address}/repurchase")
    await page.get_by_label("Store").select_option(LARGE.id)
    await expect(page).to_have_url(f"{merchant.address}/repurchase?store={LARGE.id}")
    await expect(page.locator(".rate")).to_contain_text(LARGE.name)


async def test_the_code_of_a_link_does_not_stay_in_the_history(
    merchant: Merchant, browser: Browser
) -> None:
    page, _ = await a_page(browser)
    link = await merchant.link()
    await page.goto(link)
    await expect(page.get_by_label("Your code")).to_have_value(link.partition("#")[2])
    assert page.url == f"{merchant.address}/sign-in"


async def test_a_page_keeps_itself_fresh_and_says_when_it_cannot(
    merchant: Merchant, browser: Browser
) -> None:
    page, _ = await a_page(browser, viewport=DESK)
    await page.clock.install()
    await page.goto(await merchant.link())
    await page.locator("form.sign-in button").click()
    await page.locator(".tiles").wait_for()
    await page.wait_for_load_state()  # from then on it looks by itself
    await merchant.connection.execute(
        "UPDATE stores SET name = 'Lyon, renamed' WHERE id = $1", LARGE.id
    )
    await page.clock.fast_forward(61_000)
    await expect(page.get_by_role("link", name="Lyon, renamed", exact=True)).to_be_visible()
    await page.context.set_offline(True)
    await page.clock.fast_forward(61_000)
    await expect(page.locator("#stale")).to_be_visible()


async def test_a_decision_about_a_message_needs_a_reason_and_clears_it(
    merchant: Merchant, browser: Browser
) -> None:
    page = await signed_in(browser, merchant, viewport=TABLET)
    await page.goto(f"{merchant.address}/quarantine")
    await page.get_by_role("link", name="A visit began").click()
    await page.get_by_role("button", name="Discard").click()  # the browser asks for a reason
    await expect(page.get_by_label("Your reason")).to_be_focused()
    await page.get_by_label("Your reason").fill("a test of the new gateway")
    await page.get_by_role("button", name="Discard").click()
    await expect(page).to_have_url(f"{merchant.address}/quarantine")
    await expect(page.get_by_role("link", name="A visit began")).to_have_count(0)


async def test_signing_out_leads_to_the_door(merchant: Merchant, browser: Browser) -> None:
    page = await signed_in(browser, merchant)
    await page.get_by_role("button", name="Sign out").click()
    await page.wait_for_url("**/sign-in")
    await page.goto(merchant.address)
    await expect(page.get_by_label("Your code")).to_be_visible()


def test_both_languages_say_the_same_things() -> None:
    english, chinese = (dictionary(language) for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for key, forms in english.items():
        wanted = {slot for form in _forms(forms) for slot in re.findall(r"\{(\w+)\}", form)}
        said = {slot for form in _forms(chinese[key]) for slot in re.findall(r"\{(\w+)\}", form)}
        assert said == wanted, key


def _forms(forms: str | list[str]) -> list[str]:
    return [forms] if isinstance(forms, str) else forms


async def test_the_pages_wear_the_family_colours() -> None:
    """Headquarters holds its own copy, because nothing of a gateway is installed there."""

    def colours(path: Path) -> list[dict[str, str]]:
        text = path.read_text(encoding="utf-8")
        themes = text.split("prefers-color-scheme: dark", 1)
        return [dict(re.findall(r"--([\w-]+): (#\w+);", theme)) for theme in themes]

    app = await asyncio.to_thread(colours, PROJECT / "edge/clienteling_api/web/styles/tokens.css")
    pages = await asyncio.to_thread(colours, PROJECT / "hq/pages/static/tokens.css")
    for theirs, ours in zip(app, pages, strict=True):
        shared = theirs.keys() & ours.keys()
        assert len(shared) > 12
        assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}
