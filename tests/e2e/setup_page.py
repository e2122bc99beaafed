"""The setup page as a technician uses it, by the keys of its own words."""

from __future__ import annotations

from typing import Any

from e2e.shop import Phone
from e2e.unhurried import forget_what_was_told, was_told
from playwright.async_api import Locator, expect


class SetupPage:
    """The setup page on a technician's phone or laptop, by what the page itself says."""

    def __init__(self, device: Phone) -> None:
        self.page = device.page

    async def say(self, key: str, **values: Any) -> str:
        """The page's own sentence for a key."""
        script = "async ([key, values]) => (await import('/app/i18n.js')).t(key, values)"
        return str(await self.page.evaluate(script, [key, values]))

    async def tap(self, key: str, **values: Any) -> None:
        await self.button(await self.say(key, **values)).click()

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True).filter(visible=True).first

    def part(self, selector: str) -> Locator:
        return self.page.locator(selector).filter(visible=True).first

    async def write(self, key: str, text: str) -> None:
        await self.page.get_by_label(await self.say(key), exact=True).fill(text)

    async def step(self, name: str) -> None:
        """Open a step from the list."""
        await self.part(f'.step:has(strong:text-is("{await self.say(f"setup.{name}")}"))').click()

    async def saved(self) -> None:
        """Save, and wait until the gateway runs with it."""
        await forget_what_was_told(self.page)
        await self.tap("save")
        await was_told(self.page, await self.say("setup.saved"))
        await expect(self.page.locator(".toast")).to_have_count(0)

    async def rested(self) -> None:
        """Wait until no button changes its colour any more."""
        await self.page.evaluate(
            """() => Promise.allSettled(
                document.getAnimations()
                    .filter((one) => one instanceof CSSTransition)
                    .map((one) => one.finished)
            )"""
        )
