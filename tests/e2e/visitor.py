"""Somebody who walks through the app in their own language."""

from __future__ import annotations

from typing import Any

from e2e.shop import Phone, Shop
from playwright.async_api import Locator

from edge.domain import Language


class Visitor:
    """Touches what the app has, by the keys of its own words."""

    def __init__(self, shop: Shop, phone: Phone, language: Language) -> None:
        self.shop = shop
        self.phone = phone
        self.language = language

    async def say(self, key: str, **values: Any) -> str:
        """The app's own sentence for a key, in the language of the tour."""
        script = "async ([key, values]) => (await import('/app/i18n.js')).t(key, values)"
        return str(await self.phone.page.evaluate(script, [key, values]))

    async def tap(self, key: str, **values: Any) -> None:
        await self.button(await self.say(key, **values)).click()

    def button(self, name: str) -> Locator:
        found = self.phone.page.get_by_role("button", name=name, exact=True)
        return found.filter(visible=True).first

    def part(self, selector: str) -> Locator:
        return self.phone.page.locator(selector).filter(visible=True).first

    async def go(self, tab: str) -> None:
        await (
            self.phone.page.locator("nav")
            .get_by_role("button", name=await self.say(f"nav.{tab}"), exact=True)
            .click()
        )
