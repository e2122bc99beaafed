"""The setup page in a real browser, on a gateway that opens anew by itself, with a camera found on
the network.

What would break: a technician with a phone who cannot go on, a mask that is drawn and not kept, a
step that is lost with the page.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import ClientSession
from component.onvif_camera import OnvifCamera
from component.rtsp_server import PACKAGES, installed
from e2e.first_shop import FirstShop, SetupTour, bare_shop, first_shop
from e2e.look import faults
from e2e.shop import PHONE_SIZE, Phone, Pick, free_port
from playwright.async_api import expect

from edge.config import load
from edge.config.reading import text_of
from edge.domain import Language, Role

LAPTOP = {"width": 1280, "height": 800}


@pytest.fixture
async def shop(
    tmp_path: Path, models_dir: Path, require: Callable[[bool, str], None]
) -> AsyncIterator[FirstShop]:
    require(installed(), PACKAGES)
    async with first_shop(tmp_path, models_dir) as opened:
        yield opened


@pytest.mark.parametrize(
    ("language", "dark", "size"),
    [(Language.ENGLISH, False, PHONE_SIZE), (Language.CHINESE, True, LAPTOP)],
    ids=["English on a phone", "Chinese on a laptop, dark"],
)
async def test_every_screen_can_be_read_and_touched_and_the_shop_is_set_up(
    shop: FirstShop, pick_up: Pick, language: Language, dark: bool, size: dict[str, int]
) -> None:
    device = await pick_up(dark=dark, size=size)
    tour = SetupTour(shop, device, language)
    async for stop in tour.stops():
        assert await faults(device.page) == [], stop
    config = load(shop.file)
    assert config.store.id == "old-town"
    (camera,) = config.cameras
    assert camera.source.startswith("rtsp://viewer:secret@127.0.0.1:")
    assert camera.zone
    assert len(camera.masks) == 1
    assert config.privacy.assessment == "DPIA-2026-014"
    assert "# the law that applies" in text_of(shop.file)
    await tour.tap("setup.finish")
    await tour.part("#pairing").wait_for()
    await device.page.goto(f"{shop.url}/setup")
    await tour.part("#entrance").wait_for()


async def entered(shop: FirstShop, device: Phone) -> SetupTour:
    """A technician who is in."""
    tour = SetupTour(shop, device, Language.ENGLISH)
    await device.page.goto(f"{shop.url}/setup#{await shop.code()}")
    await tour.tap("setup.code.go")
    await tour.part(".setup-steps").wait_for()
    return tour


async def test_shapes_are_drawn_by_finger_and_by_keyboard(shop: FirstShop, pick_up: Pick) -> None:
    device = await pick_up()
    page, tour = device.page, await entered(shop, device)
    await tour.step("cameras")
    await tour.tap("setup.cameras.type")
    await tour.write("setup.type.address", shop.camera.streams[0][6])
    await tour.tap("setup.type.go")
    await tour.part(".preview-picture").wait_for()
    await tour.write("setup.camera.place", "Side door")
    await tour.tap("setup.shape.mask.add")
    corner = page.locator(".corner").first
    box = await corner.bounding_box()
    picture = await page.locator(".preview").bounding_box()
    assert box
    assert picture
    await page.mouse.move(box["x"] + 24, box["y"] + 24)
    await page.mouse.down()
    await page.mouse.move(picture["x"] - 40, picture["y"] + picture["height"] * 0.5, steps=4)
    await page.mouse.up()
    await page.locator(".corner").nth(2).focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Shift+ArrowDown")
    await tour.tap("setup.shape.corner.add")
    await expect(page.locator(".corner")).to_have_count(5)
    await page.locator(".corner").nth(1).focus()
    await page.keyboard.press("Delete")
    await expect(page.locator(".corner")).to_have_count(4)
    await tour.saved()
    (mask,) = load(shop.file).cameras[0].masks
    left, *_ = mask
    assert left[0] == 0  # dragged beyond the picture, it stays at its edge
    assert abs(left[1] - 0.5) < 0.1
    assert (0.65, 0.69) in [tuple(point) for point in mask]


async def test_scan_something_now_shows_that_a_scanner_works(tmp_path: Path, pick_up: Pick) -> None:
    """A scanner at the till, over the network, and a handheld that types into this page.

    What either read is shown nowhere, and Enter after a code presses no button.
    """
    port = free_port()
    scanner = f'[[scanners]]\nid = "till-1"\nkind = "tcp"\nsource = "listen://127.0.0.1:{port}"\n'
    more = f'\n{scanner}place = "Till 1"\n'
    camera = OnvifCamera(streams=[])
    async with bare_shop(tmp_path, tmp_path / "models", camera, more) as shop:
        device = await pick_up()
        page, tour = device.page, await entered(shop, device)
        await tour.step("scanners")
        row = tour.part('.entry:has(strong:text-is("Till 1"))')
        await expect(row).to_contain_text(f"waiting for the scanner to connect to port {port}")
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await expect(row).to_contain_text(await tour.say("setup.scanners.try"))
        assert await faults(page) == []
        writer.write(b"4006381333931\r")
        await expect(row).to_contain_text(await tour.say("setup.scanners.read", n=1))
        await tour.button(await tour.say("setup.scanners.remove")).focus()
        await page.keyboard.type("4006381333931")
        await page.keyboard.press("Enter")
        handheld = tour.part('.entry:has(strong:text-is("A handheld"))')
        await expect(handheld).to_contain_text(await tour.say("setup.scanners.read", n=1))
        await expect(tour.button(await tour.say("setup.scanners.remove"))).to_be_focused()
        writer.write(b"4006381333931\r")
        await expect(row).to_contain_text(await tour.say("setup.scanners.read", n=2))
        writer.close()
        await writer.wait_closed()
        assert [scanner.id for scanner in load(shop.file).scanners] == ["till-1"]
        await expect(page.locator("body")).not_to_contain_text("4006381333931")
        assert await faults(page) == []


async def test_a_scanner_on_the_network_is_typed_and_tried(tmp_path: Path, pick_up: Pick) -> None:
    """What would break: an address that is saved and not connected to, or one that cannot be."""

    async def scan(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"4006381333931\r")
        await writer.drain()
        connected.append(writer)

    connected: list[asyncio.StreamWriter] = []
    camera, port = OnvifCamera(streams=[]), free_port()
    async with (
        await asyncio.start_server(scan, "127.0.0.1", port),
        bare_shop(tmp_path, tmp_path / "models", camera) as shop,
    ):
        tour = await entered(shop, await pick_up())
        await tour.step("scanners")
        await tour.tap("setup.scanners.network")
        await tour.write("setup.network.address", "127.0.0.1:65536")
        await tour.tap("save")
        await expect(tour.part(".field-error:not(:empty)")).to_be_visible()
        await tour.write("setup.network.address", f"127.0.0.1:{port}")
        await tour.saved()
        row = tour.part('.entry:has(strong:text-is("Till 1"))')
        await expect(row).to_contain_text(await tour.say("setup.scanners.read", n=1))
        (scanner,) = load(shop.file).scanners
        assert scanner.source == f"connect://127.0.0.1:{port}"
        for writer in connected:
            writer.close()


async def test_what_was_done_survives_the_page_and_the_gateway(
    shop: FirstShop, pick_up: Pick
) -> None:
    device = await pick_up()
    tour = await entered(shop, device)
    await tour.step("store")
    await tour.write("setup.store.name", "Linden")
    await tour.saved()
    await device.page.reload()
    await expect(tour.part('.step-mark[data-done="true"]')).to_be_visible()
    await expect(tour.part(".step >> nth=0")).to_contain_text("Linden")


async def test_a_shop_with_members_keeps_its_short_name(shop: FirstShop, pick_up: Pick) -> None:
    invitation = await shop.running.pairing.invite(None, "Till", Role.MANAGER)
    async with ClientSession(f"{shop.url}/api/v1/", raise_for_status=True) as till:
        ours = {"code": invitation.code, "device": "till"}
        token = (await (await till.post("pair", json=ours)).json())["token"]
        await till.post(
            "members", json={"name": "Ana"}, headers={"Authorization": f"Bearer {token}"}
        )
    device = await pick_up()
    tour = await entered(shop, device)
    await tour.step("store")
    short = device.page.get_by_label(await tour.say("setup.store.id"), exact=True)
    await expect(short).not_to_be_editable()
    await expect(tour.part(".step-body")).to_contain_text("has members, so this stays")
    assert await faults(device.page) == []
    await tour.write("setup.store.name", "Linden")
    await tour.saved()
    store = load(shop.file).store
    assert (store.id, store.name) == ("shop", "Linden")


async def test_the_sign_is_saved_as_it_will_hang(shop: FirstShop, pick_up: Pick) -> None:
    device = await pick_up()
    tour = await entered(shop, device)
    await tour.step("privacy")
    await tour.write("setup.controller.name", "Linden Shoes GmbH")
    await tour.tap("setup.sign.print")
    await expect(tour.part(".field-error:not(:empty)")).to_be_visible()
    await tour.write("setup.controller.address", "High Street 1")
    await tour.write("setup.controller.contact", "a@b.example")
    async with device.page.expect_download() as downloading:
        await tour.tap("setup.sign.print")
    download = await downloading.value
    assert download.suggested_filename == "sign-shop.pdf"
    assert load(shop.file).privacy.controller is not None


async def test_faces_are_matched_once_all_four_are_settled(shop: FirstShop, pick_up: Pick) -> None:
    device = await pick_up()
    tour = await entered(shop, device)
    await tour.step("privacy")
    await device.page.get_by_label(await tour.say("setup.privacy.profile")).select_option("eu")
    for key, text in (("name", "Linden GmbH"), ("address", "1 Road"), ("contact", "a@b.example")):
        await tour.write(f"setup.controller.{key}", text)
    await tour.write("setup.privacy.assessment", "DPIA-1")
    await device.page.get_by_role("switch").check(force=True)
    await tour.saved()
    assert shop.running.vision is not None
    await expect(tour.part('.step:has-text("Privacy")')).to_contain_text(
        await tour.say("setup.privacy.on")
    )
    visitor = await pick_up()
    await visitor.page.goto(f"{shop.url}/notice")
    await visitor.sees("Shall we recognise you at the door?")
    assert await faults(visitor.page) == []


async def test_a_manager_comes_back_to_the_settings(shop: FirstShop, pick_up: Pick) -> None:
    device = await pick_up()
    invitation = await shop.running.pairing.invite(None, "Mei", Role.MANAGER)
    await device.page.goto(f"{shop.url}/pair#{invitation.code}")
    await device.tap("Pair this phone")
    await device.go("Shop")
    await device.tap("Settings of this shop")
    await device.sees("Set up this shop")
    await device.tap("Back to the shop")
    await device.sees("In store now")
