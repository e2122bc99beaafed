"""Photographs every screen of the app, to be looked at by people.

    python tests/e2e/screens.py FOLDER

renders each in English and Chinese, light and dark, on a phone and a tablet.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from itertools import product
from pathlib import Path

from e2e.line import with_headquarters
from e2e.shop import PHONE_SIZE, empty_corridor, open_shop, phone, shop_config
from e2e.tour import Tour
from playwright.async_api import Browser, async_playwright

from edge.domain import Language

MODELS = Path(__file__).parents[2] / ".cache" / "models"
TABLET_SIZE = {"width": 1024, "height": 768}
ARGS = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


async def photograph(
    browser: Browser, folder: Path, language: Language, dark: bool, size: dict[str, int]
) -> None:
    """One tour of a shop of its own, a picture at each stop."""
    series = f"{language}-{'dark' if dark else 'light'}-{size['width']}"
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        camera = empty_corridor(place / "corridor.mp4")
        config = shop_config(place / "state", camera, face_matching=True)
        config = with_headquarters(config, place / "hq")
        async with open_shop(config, MODELS) as shop:
            await shop.vision_ready()
            visitor = await phone(browser, dark=dark, size=size, scale=2)
            number = 0
            async for stop in Tour(shop, visitor, language).stops():
                number += 1
                await visitor.page.screenshot(path=folder / f"{series}-{number:02}-{stop}.png")
            await visitor.page.context.close()


async def main(folder: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"), args=ARGS
        )
        for language, dark in product(Language, (False, True)):
            await photograph(browser, folder, language, dark, PHONE_SIZE)
        await photograph(browser, folder, Language.ENGLISH, False, TABLET_SIZE)
        await browser.close()


if __name__ == "__main__":
    chosen = Path(sys.argv[1])
    chosen.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen))
