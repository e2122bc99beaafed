"""The phone's camera: it finds a code, tells it once, and says why it cannot look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from e2e.browser import open_browser
from e2e.counter import WELCOME, film, open_counter, wedge
from e2e.shop import Pick, Shop, phone
from playwright.async_api import Browser
from ports import free_port


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_counter(tmp_path, free_port()) as opened:
        yield opened


@pytest.fixture
async def filming(chromium: Path, tmp_path: Path) -> AsyncIterator[Browser]:
    """A browser before whose camera somebody holds a voucher."""
    shown = film(WELCOME, tmp_path / "code.y4m")
    async with open_browser(
        chromium, tmp_path, f"--use-file-for-fake-video-capture={shown}"
    ) as browser:
        yield browser


async def test_the_camera_finds_a_code_by_frames_that_the_gateway_reads(
    shop: Shop, filming: Browser
) -> None:
    held = await phone(filming)
    await held.pair(shop)
    await held.go("Scan")
    await held.sees("Valid")
    await held.tap("Redeem")
    await held.sees("Redeemed")


async def test_a_code_that_stays_before_the_camera_is_answered_once(
    shop: Shop, filming: Browser
) -> None:
    """On a tablet the camera goes on looking beside the verdict."""
    held = await phone(filming, size={"width": 1024, "height": 768})
    # However far apart two looks lie on a busy machine, the code stays.
    await held.page.clock.set_fixed_time(datetime.now(UTC))
    await held.pair(shop)
    await held.go("Scan")
    await held.sees("Valid")
    await held.tap("Redeem")
    await held.sees("Redeemed")
    for _ in range(3):
        async with held.page.expect_response(lambda seen: "/scans/picture" in seen.url) as looked:
            pass
        assert (await (await looked.value).json())["kind"] == "voucher"
    await held.sees("Redeemed")


async def test_the_browsers_own_detector_is_used_where_there_is_one(
    shop: Shop, pick_up: Pick
) -> None:
    held = await pick_up()
    await held.page.add_init_script(
        """window.BarcodeDetector = class {
          static getSupportedFormats = async () => ["qr_code", "ean_13"];
          detect = async () => [{ rawValue: "4006381333948", format: "ean_13" }];
        };"""
    )
    sent: list[str] = []
    held.page.on("request", lambda request: sent.append(request.url))
    await held.pair(shop)
    await held.go("Scan")
    await held.sees("Leather loafers")
    assert not [url for url in sent if url.endswith("/scans/picture")]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "Allow it in the browser's settings, or type the code."),
        ("NotFoundError", "This phone has no camera."),
        ("NotReadableError", "Close other apps that use it."),
    ],
)
async def test_a_camera_that_may_not_or_cannot_is_explained(
    shop: Shop, pick_up: Pick, name: str, words: str
) -> None:
    held = await pick_up()
    await held.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => "
        f"{{ throw new DOMException('no', '{name}'); }};"
    )
    await held.pair(shop)
    await held.go("Scan")
    await held.reads(words)
    await wedge(held, WELCOME)
    await held.sees("Valid")
