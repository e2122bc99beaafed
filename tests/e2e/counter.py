"""What a shop gives away and sells, and a film that holds a code before the phone's camera."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import av
import msgspec
import numpy as np
import segno
from e2e.shop import ANNA, CHEN, Phone, Shop, open_shop, shop_config
from numpy.typing import NDArray

from edge.config import ScannerConfig
from edge.domain import (
    AmountOff,
    Campaign,
    Garment,
    Gift,
    Holder,
    IssuedVoucher,
    Money,
    PercentOff,
    Product,
    ScannerKind,
    Size,
    SizeSystem,
    Variant,
    new_id,
)
from edge.store import Transaction

WELCOME, CONE, BIG, REGULAR = "WELCOME-10", "CONE-AT-TEN", "BIG-BASKET", "FOR-REGULARS"
"""Codes as marketing chose them: each of a campaign of its own."""
LOAFERS = ("4006381333931", "4006381333948", "4006381333955")


def _campaigns(store_id: str) -> dict[str, Campaign]:
    now = datetime.now(UTC)
    soon = now + timedelta(days=30)

    def campaign(name: str, **more: object) -> Campaign:
        terms = {"id": new_id(), "name": name, "stores": (store_id,), "created_at": now} | more
        return Campaign(**terms)  # type: ignore[arg-type]

    ten, thirty = (Money(amount=Decimal(n), currency="EUR") for n in (10, 30))
    return {
        WELCOME: campaign("Welcome back", value=AmountOff(money=ten), valid_until=soon),
        CONE: campaign(
            "The cone after ten", value=Gift(name="A cone"), valid_from=now + timedelta(hours=20)
        ),
        BIG: campaign("Big basket", value=PercentOff(percent=Decimal(20)), minimum=thirty),
        REGULAR: campaign("For regulars", value=AmountOff(money=ten), holder=Holder.MEMBER),
    }


async def furnish(shop: Shop, holder: str | None = None) -> None:
    """Campaigns with a code each, and a pair of loafers; ``holder`` is the member of one."""
    campaigns = _campaigns(shop.gateway.config.store.id)

    def story(tx: Transaction) -> None:
        for code, campaign in campaigns.items():
            member_id = holder if code == REGULAR else None
            tx.vouchers.put_campaign(campaign)
            voucher = IssuedVoucher(
                id=new_id(),
                campaign_id=campaign.id,
                code=code,
                member_id=member_id,
                issued_at=campaign.created_at,
            )
            tx.vouchers.issue([voucher])
        loafers = Product(
            id="loafers",
            name="Leather loafers",
            category="Shoes",
            brand="Linden",
            price=Decimal("129.00"),
            currency="EUR",
            updated_at=datetime.now(UTC),
        )
        tx.catalogue.put_product(loafers)
        for gtin, worn, stock in zip(LOAFERS, ("37", "38", "39"), (0, 3, None), strict=True):
            sizes = (Size(garment=Garment.SHOE, system=SizeSystem.EU, value=worn),)
            tx.catalogue.put_variant(
                Variant(gtin=gtin.zfill(14), product_id="loafers", sizes=sizes, stock=stock)
            )

    await shop.gateway.store.write(story)


def film(text: str, path: Path) -> Path:
    """A film of a QR code on grey, as Chromium's fake camera plays it."""
    picture: NDArray[np.uint8] = np.full((720, 1280), 170, np.uint8)
    modules = np.array([list(row) for row in segno.make(text, error="m").matrix], np.uint8)
    code = np.kron(np.pad(1 - modules, 4, constant_values=1) * 255, np.ones((8, 8), np.uint8))
    top, left = (720 - code.shape[0]) // 2, (1280 - code.shape[1]) // 2
    picture[top : top + code.shape[0], left : left + code.shape[1]] = code
    with av.open(str(path), "w", format="yuv4mpegpipe") as clip:
        stream = clip.add_stream("wrapped_avframe", rate=10)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.dstack([picture] * 3), format="rgb24")
        for _ in range(5):
            clip.mux(stream.encode(frame.reformat(format="yuv420p")))
        clip.mux(stream.encode(None))
    return path


@asynccontextmanager
async def open_counter(folder: Path, port: int) -> AsyncIterator[Shop]:
    """A shop with campaigns, goods, two members, and a network scanner at its till."""
    till = ScannerConfig(
        id="till-1", kind=ScannerKind.TCP, source=f"listen://127.0.0.1:{port}", place="Till 1"
    )
    config = msgspec.structs.replace(shop_config(folder / "state"), scanners=[till])
    async with open_shop(config, folder) as opened:
        member = await opened.join(ANNA)
        await opened.join(CHEN)
        await furnish(opened, member.id)
        yield opened


STRIKE = """text => {
  for (const key of [...text, "Enter"]) {
    const struck = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(struck);
  }
}"""


async def wedge(phone: Phone, text: str) -> None:
    """A handheld types a code and presses Enter, as fast as the page takes it."""
    await phone.page.evaluate(STRIKE, text)
