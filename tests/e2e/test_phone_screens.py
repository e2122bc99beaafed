"""Every screen, in both languages, light and dark: readable, reachable, named, and translated."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from e2e.line import only_what_is_told, with_headquarters
from e2e.look import faults
from e2e.shop import Pick, Shop, empty_corridor, open_shop, shop_config
from e2e.tour import Tour

from edge.config import ScannerConfig
from edge.domain import Language, ScannerKind


@pytest.fixture
async def shop(
    tmp_path: Path, models_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Shop]:
    """A shop that matches faces, with a camera on a corridor where nobody walks, a scanner that
    nobody has plugged in, and a headquarters that does not answer."""
    only_what_is_told(monkeypatch)
    camera = await asyncio.to_thread(empty_corridor, tmp_path / "corridor.mp4")
    wedge = ScannerConfig(
        id="till-1", kind=ScannerKind.KEYBOARD, source=str(tmp_path / "wedge"), place="Till 1"
    )
    config = msgspec.structs.replace(
        shop_config(tmp_path / "state", camera, face_matching=True), scanners=[wedge]
    )
    config = with_headquarters(config, tmp_path / "hq")
    async with open_shop(config, models_dir) as opened:
        await opened.vision_ready()
        yield opened


@pytest.mark.parametrize(
    ("language", "dark", "width"),
    [
        (Language.ENGLISH, False, 360),
        (Language.ENGLISH, True, 360),
        (Language.CHINESE, False, 360),
        (Language.CHINESE, True, 1024),
    ],
)
async def test_every_screen_is_readable_and_every_control_named_and_large_enough(
    shop: Shop, pick_up: Pick, language: Language, dark: bool, width: int
) -> None:
    phone = await pick_up(dark=dark, size={"width": width, "height": 780})
    wrong = {}
    visited = []
    async for stop in Tour(shop, phone, language).stops():
        visited.append(stop)
        wrong[stop] = await faults(phone.page)
    assert {stop: found for stop, found in wrong.items() if found} == {}
    assert len(visited) == len(set(visited)) > 30


async def test_dark_mode_follows_the_phone(shop: Shop, pick_up: Pick) -> None:
    grounds = []
    for dark in (False, True):
        phone = await pick_up(dark=dark)
        await phone.page.goto(shop.url)
        await phone.sees("Pair this phone")
        script = "getComputedStyle(document.documentElement).backgroundColor"
        grounds.append(await phone.page.evaluate(script))
    assert grounds[0] != grounds[1]


async def test_both_dictionaries_say_the_same_things(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.page.goto(shop.url)
    words = await phone.page.evaluate(
        """async () => {
          const load = async (name) => (await import(`/app/locales/${name}.js`)).default;
          return { en: await load("en"), zh: await load("zh") };
        }"""
    )
    assert words["en"].keys() == words["zh"].keys()
    for key, english in words["en"].items():
        forms = english.values() if isinstance(english, dict) else [english]
        wanted = {slot for form in forms for slot in re.findall(r"\{(\w+)\}", form)}
        assert set(re.findall(r"\{(\w+)\}", words["zh"][key])) <= wanted, key
        assert all(form.strip() for form in forms), key


async def test_the_app_installs_to_the_home_screen(shop: Shop, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.page.goto(shop.url)
    session = await phone.page.context.new_cdp_session(phone.page)
    await phone.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    manifest = await session.send("Page.getAppManifest")
    assert manifest["errors"] == []
    obstacles = await session.send("Page.getInstallabilityErrors")
    # A private window, which a test's profile is, installs nothing; nothing else may be wrong.
    found = [error["errorId"] for error in obstacles["installabilityErrors"]]
    assert set(found) <= {"in-incognito"}
