"""Debian's Chromium, as every phone and laptop of the tests is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from e2e.unhurried import PATIENCE_MS
from playwright.async_api import Browser, async_playwright

CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


@asynccontextmanager
async def open_browser(chromium: Path, folder: Path, *args: str) -> AsyncIterator[Browser]:
    """Chromium without a window, with these arguments besides the usual ones."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            args=[*CHROMIUM_ARGS, *args],
            downloads_path=folder,
            timeout=2 * PATIENCE_MS,
        )
        yield browser
        await browser.close()
