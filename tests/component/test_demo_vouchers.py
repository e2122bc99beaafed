"""The demo's vouchers are there at every start, and are the same ones."""

from __future__ import annotations

from pathlib import Path

from component.counter import open_counter
from component.flows_shop import SHOP

from edge.config import StoreConfig
from edge.demo.vouchers import issue
from edge.domain import Reason


async def test_the_welcome_holds_and_the_cone_waits_for_the_night(tmp_path: Path) -> None:
    shop = StoreConfig(
        id=SHOP.id, name="Demo", timezone=SHOP.timezone, state_dir=str(tmp_path / "state")
    )
    async with open_counter(tmp_path / "state") as counter:
        cone, welcome = await issue(counter.store, shop, counter.clock)
        assert await issue(counter.store, shop, counter.clock) == [cone, welcome]
        assert welcome.sheet.read_bytes().startswith(b"%PDF")
        assert await counter.used(welcome.digits)
        night = await counter.refused(cone.digits)
        assert night.reason is Reason.OUTSIDE_WINDOW
        assert night.from_at is not None
        counter.clock.now = night.from_at
        assert await counter.used(cone.digits)
