"""Chromium, phones in it, and a shop without cameras for them to pair with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.browser import open_browser
from e2e.shop import Phone, Pick, Shop, open_shop, phone, shop_config
from e2e.unhurried import KEYS_AT_ONCE, PATIENCE_MS
from playwright.async_api import Browser, ConsoleMessage, expect

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture
async def browser(chromium: Path, tmp_path: Path) -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    async with open_browser(chromium, tmp_path) as browser:
        yield browser


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A running gateway without cameras and without face matching."""
    async with open_shop(shop_config(tmp_path / "state"), tmp_path / "models") as opened:
        yield opened


@pytest.fixture
def pick_up(browser: Browser) -> Iterator[Pick]:
    """Open another phone. A broken script or content policy fails the test."""
    broken: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            broken.append(message.text)

    async def one(**options: Any) -> Phone:
        opened = await phone(browser, **options)
        await opened.page.add_init_script(KEYS_AT_ONCE)
        opened.page.on("pageerror", lambda error: broken.append(str(error)))
        opened.page.on("console", listen)
        return opened

    yield one
    assert broken == []
