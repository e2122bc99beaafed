"""What keeps a browser's tests from depending on how soon a busy machine gets round to them."""

from __future__ import annotations

import re

from playwright.async_api import Page, expect

PATIENCE_MS = 60_000
"""How long anything may take that is not about time."""

KEYS_AT_ONCE = 'Object.defineProperty(Event.prototype, "timeStamp", { get: () => 0 });'
"""No time passes between two keys: those of a handheld lie 50 ms apart, and a busy browser's do not
care."""

NOTES_KEPT = """new MutationObserver((changes) => {
  for (const { target, addedNodes } of changes)
    for (const { textContent } of target.id === "toasts" ? addedNodes : []) {
      const { dataset } = document.documentElement;
      dataset.told = `${dataset.told ?? ""}${textContent}\\n`;
    }
}).observe(document, { childList: true, subtree: true });"""
"""Writes down what the app says in passing, which goes away whether a test has looked or not."""

QUESTIONS_STAY = """new MutationObserver((changes) => {
  for (const { target, addedNodes } of changes)
    for (const note of target.id === "toasts" ? addedNodes : [])
      if (note.querySelector("button")) {
        note.remove = () => {};
        note.addEventListener("click", () => delete note.remove, { capture: true });
      }
}).observe(document, { childList: true, subtree: true });"""
"""A note that asks something waits for its answer, instead of a few seconds."""


async def was_told(page: Page, text: str) -> None:
    """Wait until the app has said this in passing."""
    said = re.compile(re.escape(text))
    await expect(page.locator("html")).to_have_attribute("data-told", said)


async def forget_what_was_told(page: Page) -> None:
    await page.evaluate("delete document.documentElement.dataset.told")
