"""What is wrong with a page that is shown: unreadable, too small, without a name, too wide."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3 (AA)
LEAST_TARGET_PX = 48

NAMELESS = re.compile(
    r"^\s*- (button|link|textbox|searchbox|combobox|radio|switch|checkbox|img|dialog)"
    r"( \[[^\]]*\])*:?$",
    re.MULTILINE,
)
"""A line of Playwright's aria snapshot in which the name is missing after the role."""

LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")


async def faults(page: Page) -> list[str]:
    """What is wrong with the screen shown, once all of it is there, its style sheets too."""
    await page.wait_for_load_state()
    seen = await page.evaluate(LOOK)
    tree = await page.locator("body").aria_snapshot()
    return [
        *(f"without a name: {found.group().strip()}" for found in NAMELESS.finditer(tree)),
        *(
            f"contrast {ratio:.2f}: {text}"
            for text, ratio in seen["texts"]
            if ratio < LEAST_CONTRAST
        ),
        *(
            f"target of {width}×{height} px: {name}"
            for name, width, height in seen["targets"]
            if min(width, height) < LEAST_TARGET_PX
        ),
        *(f"wider than the screen: {name}" for name in seen["wide"]),
    ]
