"""A technician hands claims over on the setup page, with real headquarters behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from component.claim_machines import claims, fingerprint, store
from component.headquarters_town import Headquarters
from e2e.first_shop import FirstShop, SetupTour
from e2e.shop import Phone
from e2e.unhurried import PATIENCE_MS
from playwright.async_api import expect

from edge.domain import Language

DROP = """(place, text) => {
    const carried = new DataTransfer();
    carried.items.add(new File([text], "regulars-claim-lyon-1.toml"));
    place.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true }));
}"""


class ClaimTour(SetupTour):
    """Each stop has a name; at the last the shop is a store of the chain."""

    def __init__(
        self, shop: FirstShop, device: Phone, language: Language, town: Headquarters, folder: Path
    ) -> None:
        super().__init__(shop, device, language)
        self.town = town
        self.folder = folder

    async def stops(self) -> AsyncIterator[str]:
        async for stop in self._stops():
            await self.rested()
            yield stop

    async def _stops(self) -> AsyncIterator[str]:
        good, used = await claims(self.town, [store(), store("nice-1")])
        await self.enter()
        await self.step("headquarters")
        await self.part(".drop").wait_for()
        yield "headquarters"
        await self.choose(b"GIF89a, and no claim at all")
        await self.refused("unreadable")
        yield "no-claim"
        await self.choose(b"#" * 70_000)
        await self.refused("large")
        await self.drop(good.replace(b"Shop lyon-1", b"Shop lyon-9"))
        await self.refused("changed")
        yield "changed"
        await self.choose(used)
        await self.part(".fingerprint-digits").wait_for()
        shown = (await self.part(".fingerprint-digits").inner_text()).split()
        assert "".join(shown) == fingerprint(self.town)
        yield "whose"
        await self.tap("claim.differs")
        await self.refused("foreign")
        await self.town.do(
            "UPDATE claims SET used_at = now(), used_by = 'x', certificate = ''"
            " WHERE store_id = 'nice-1'"
        )
        await self.choose(used)
        await self.tap("claim.same")
        await self.refused("used")
        yield "used"
        await asyncio.to_thread(self.town.kill)
        await self.part(".by-hand summary").click()
        yield "by-hand"
        await self.write("claim.text", good.decode())
        await self.tap("claim.text.go")
        await self.tap("claim.same")
        where = self.town.url.removeprefix("https://")
        said = await self.say("claim.waiting", where=where)
        await expect(self.page.get_by_text(said)).to_be_visible()
        yield "waiting"
        await asyncio.to_thread(self.town.start)
        await expect(self.part(".step-body")).to_contain_text(
            self.town.url, timeout=3 * PATIENCE_MS
        )
        await expect(self.part(".drop")).to_have_count(0)
        yield "admitted"

    async def enter(self) -> None:
        """Come in with the console's code."""
        await self.page.goto(f"{self.shop.url}/setup#{await self.shop.code()}")
        await self.part("#entrance").wait_for()
        if self.language is Language.CHINESE:
            await self.page.evaluate("async () => (await import('/app/i18n.js')).choose('zh')")
        await self.tap("setup.code.go")
        await self.part(".setup-steps").wait_for()

    async def choose(self, claim: bytes) -> None:
        file = self.folder / "regulars-claim.toml"
        await asyncio.to_thread(file.write_bytes, claim)
        await self.page.locator(".drop input").set_input_files(file)

    async def drop(self, claim: bytes) -> None:
        await self.part(".drop").evaluate(DROP, claim.decode())

    async def refused(self, fault: str) -> None:
        said = await self.say(f"claim.fault.{fault}", id="shop")
        await expect(self.page.locator(".refusal").filter(has_text=said)).to_be_visible()
