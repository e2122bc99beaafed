"""Measures how soon a verdict stands on the phone, in real Chromium on the real gateway.

    python tests/e2e/wedge_time.py [CODES]

From a handheld's last key (the browser's own time stamp of Enter) to the frame that shows the
verdict, and from the last byte of a scanner on the network to the verdict on the phone that follows
it. Prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from e2e.browser import CHROMIUM_ARGS
from e2e.counter import BIG, WELCOME, open_counter
from e2e.shop import Phone, Shop, phone
from playwright.async_api import async_playwright
from ports import free_port

CODES = 100
WARM_UP = 10

WATCH = """() => {
  window.enteredAt = 0;
  window.tookMs = [];
  window.shownAt = [];
  addEventListener("keydown", (event) => {
    if (event.key === "Enter") window.enteredAt = event.timeStamp;
  }, true);
  let shown = null;
  new MutationObserver(() => {
    const verdict = document.querySelector(".glance");
    if (!verdict || verdict === shown) return;
    shown = verdict;
    requestAnimationFrame(() => setTimeout(() => {
      window.tookMs.push(performance.now() - window.enteredAt);
      window.shownAt.push(performance.timeOrigin + performance.now());
    }));
  }).observe(document.body, { childList: true, subtree: true });
}"""


async def by_wedge(held: Phone, codes: int) -> list[float]:
    """Milliseconds from Enter to the verdict, code by code."""
    await held.page.evaluate("window.tookMs = []")
    for number in range(codes):
        await held.page.keyboard.type(WELCOME if number % 2 else BIG)
        await held.page.keyboard.press("Enter")
        await _shown(held, "tookMs", number + 1)
    took: list[float] = await held.page.evaluate("window.tookMs")
    return took[WARM_UP:]


async def by_network(held: Phone, port: int, codes: int) -> list[float]:
    """Milliseconds from the last byte sent by the scanner to the verdict, code by code."""
    await held.tap("Back")
    await held.tap("Follow a scanner")
    await held.tap("Till 1")
    await held.page.evaluate("window.shownAt = []")
    _, scanner = await asyncio.open_connection("127.0.0.1", port)
    sent_at = []
    for number in range(codes):
        scanner.write(f"{WELCOME if number % 2 else BIG}\r".encode())
        sent_at.append(time.time() * 1000)
        await _shown(held, "shownAt", number + 1)
    scanner.close()
    shown_at: list[float] = await held.page.evaluate("window.shownAt")
    return [shown - sent for shown, sent in zip(shown_at, sent_at, strict=True)][WARM_UP:]


async def _shown(held: Phone, name: str, count: int) -> None:
    """Wait until so many verdicts have been shown. The page's policy forbids to poll inside it."""
    async with asyncio.timeout(20):
        while await held.page.evaluate(f"window.{name}.length") < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def summary(took_ms: list[float]) -> dict[str, float]:
    return {
        "codes": len(took_ms),
        "ms_p50": round(statistics.median(took_ms), 1),
        "ms_p95": round(statistics.quantiles(took_ms, n=20)[-1], 1),
        "ms_max": round(max(took_ms), 1),
    }


async def measure(shop: Shop, port: int, codes: int) -> dict[str, dict[str, float]]:
    """A phone of its own browser, paired and on its scan screen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell"), args=CHROMIUM_ARGS
        )
        held = await phone(browser)
        await held.pair(shop)
        await held.page.evaluate(WATCH)
        # No camera: a handheld's user has none running.
        await held.page.context.clear_permissions()
        await held.go("Scan")
        await held.sees("Scan")
        keys = await by_wedge(held, codes)
        network = await by_network(held, port, codes)
        await browser.close()
    return {"wedge": summary(keys), "network_scanner": summary(network)}


async def main(codes: int) -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        async with open_counter(Path(folder), port) as shop:
            sys.stdout.write(json.dumps(await measure(shop, port, codes)) + "\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else CODES))
