"""Scanners on the phone: which are there, which are not, and what happens as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from e2e.shop import Pick, Shop, open_shop, shop_config
from ports import free_port

from edge.config import ScannerConfig
from edge.domain import ScannerKind


@pytest.fixture
def till() -> int:
    """The port to which the till's scanner connects."""
    return free_port()


@pytest.fixture
async def shop(tmp_path: Path, till: int) -> AsyncIterator[Shop]:
    """A shop with a network scanner at its till, and a wedge that nobody has plugged in."""
    scanners = [
        ScannerConfig(
            id="till-1",
            kind=ScannerKind.TCP,
            source=f"listen://127.0.0.1:{till}",
            place="Till 1",
        ),
        ScannerConfig(
            id="desk", kind=ScannerKind.KEYBOARD, source=str(tmp_path / "wedge"), place="Info desk"
        ),
    ]
    config = msgspec.structs.replace(shop_config(tmp_path / "state"), scanners=scanners)
    async with open_shop(config, tmp_path) as opened:
        yield opened


async def test_a_guide_sees_which_scanners_are_there(shop: Shop, till: int, pick_up: Pick) -> None:
    phone = await pick_up()
    await phone.pair(shop)
    await phone.go("Shop")
    await phone.sees("Scanners")
    await phone.reads("Not connected yet")
    await phone.reads("Not found. Plug it in, or switch it on.")
    _, writer = await asyncio.open_connection("127.0.0.1", till)
    await phone.reads("Ready")
    writer.write(b"4006381333931\r")
    await writer.drain()
    writer.close()
    await phone.reads("1 code")


async def test_a_shop_without_scanners_shows_no_empty_list(tmp_path: Path, pick_up: Pick) -> None:
    async with open_shop(shop_config(tmp_path / "state"), tmp_path) as shop:
        phone = await pick_up()
        await phone.pair(shop)
        await phone.go("Shop")
        await phone.sees("This phone")
        assert not await phone.page.get_by_role("heading", name="Scanners").is_visible()
