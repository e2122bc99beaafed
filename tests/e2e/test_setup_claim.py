"""Claims handed over on the setup page in a real browser: chosen, dropped and pasted.

What would break: a refusal that nobody understands, a fingerprint that is not headquarters' own, a
page that has to be loaded again to see what became of it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from component.headquarters_town import open_headquarters
from component.onvif_camera import OnvifCamera
from e2e.claim_tour import ClaimTour
from e2e.first_shop import bare_shop
from e2e.look import faults
from e2e.shop import PHONE_SIZE, Pick
from faults.nursery import Nursery

from edge.config import load
from edge.domain import Language

LAPTOP = {"width": 1280, "height": 800}


@pytest.mark.parametrize(
    ("language", "dark", "size"),
    [(Language.ENGLISH, False, PHONE_SIZE), (Language.CHINESE, True, LAPTOP)],
    ids=["English on a phone", "Chinese on a laptop, dark"],
)
async def test_the_page_follows_a_claim_until_the_shop_is_a_store(
    postgres: str,
    nursery: Nursery,
    tmp_path: Path,
    pick_up: Pick,
    language: Language,
    dark: bool,
    size: dict[str, int],
) -> None:
    device = await pick_up(dark=dark, size=size)
    async with (
        open_headquarters(postgres, nursery, tmp_path / "hq") as town,
        bare_shop(tmp_path, tmp_path / "models", OnvifCamera(streams=[])) as shop,
    ):
        seen = []
        async for stop in ClaimTour(shop, device, language, town, tmp_path).stops():
            assert await faults(device.page) == [], stop
            seen.append(stop)
        assert load(shop.file).store.id == "lyon-1"
    assert seen[-1] == "admitted"
