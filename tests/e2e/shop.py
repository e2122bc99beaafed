"""A shop for the browser: the real gateway on a loopback port, invented members, real phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import av
import msgspec
import numpy as np
from e2e.unhurried import NOTES_KEPT, PATIENCE_MS, was_told
from numpy.typing import NDArray
from playwright.async_api import Browser, Page, expect
from ports import free_port

from edge.app import Gateway, gateway
from edge.config import (
    ApiConfig,
    CameraConfig,
    Config,
    ControllerConfig,
    PrivacyConfig,
    StoreConfig,
)
from edge.domain import (
    AgeBand,
    Candidate,
    Consent,
    Garment,
    Language,
    Member,
    Purchase,
    Role,
    Session,
    Sighting,
    Size,
    SizeSystem,
    VisionState,
    new_id,
)
from edge.rules.notice import write_notice
from edge.rules.profile import Profile
from edge.rules.receipt import receipt
from edge.store import Transaction

NOW = datetime.now(UTC)
COLLEAGUE = Session(
    id="colleague",
    guide_name="Ana",
    role=Role.MANAGER,
    device="another phone",
    token_hash="",
    paired_at=NOW,
    last_used_at=NOW,
)
PHONE_SIZE = {"width": 360, "height": 780}

ANNA = Profile(
    name="Anna Lindqvist",
    card_number="RG-10482",
    phone="+46701234567",
    age_band=AgeBand.FROM_35,
    sizes=(
        Size(garment=Garment.SHOE, system=SizeSystem.EU, value="38"),
        Size(garment=Garment.TOP, system=SizeSystem.EU, value="36"),
        Size(garment=Garment.BOTTOM, system=SizeSystem.US, value="27"),
    ),
    preferences=("Wool and linen", "Navy, not black"),
)
CHEN = Profile(
    name="陈雨桐",
    card_number="RG-20017",
    language=Language.CHINESE,
    sizes=(Size(garment=Garment.SHOE, system=SizeSystem.MM, value="235"),),
    preferences=("真丝",),
)
GRACE = Profile(
    name="Grace Okafor",
    card_number="RG-40021",
    sizes=(Size(garment=Garment.TOP, system=SizeSystem.UK, value="14"),),
)
MATTEO = Profile(name="Matteo Ferrari", card_number="RG-33120", do_not_disturb=True)

GOODS = {
    Language.ENGLISH: (
        ("Linen shirt", "Shirts"),
        ("Wool coat", "Outerwear"),
        ("Leather loafers", "Shoes"),
    ),
    Language.CHINESE: (("亚麻衬衫", "衬衫"), ("羊毛大衣", "外套"), ("小羊皮乐福鞋", "鞋履")),
}


def shop_config(state_dir: Path, *cameras: CameraConfig, face_matching: bool = False) -> Config:
    """A shop on free ports of loopback, which stay the same when it is opened again."""
    controller = ControllerConfig(name="Linden Ltd", address="1 Road", contact="hello@shop.example")
    return Config(
        store=StoreConfig(
            id="old-town",
            name="Linden & Co., Old Town",
            timezone="Europe/Stockholm",
            state_dir=str(state_dir),
        ),
        privacy=PrivacyConfig(profile="demo" if face_matching else "off", controller=controller),
        cameras=list(cameras),
        api=ApiConfig(
            host="127.0.0.1", port=free_port(), loopback_port=free_port(), announce=False
        ),
    )


def empty_corridor(path: Path) -> CameraConfig:
    """A camera at the front door before which there is nobody."""
    return camera_on(np.full((240, 320, 3), 150, np.uint8), path)


def camera_on(picture: NDArray[np.uint8], path: Path) -> CameraConfig:
    """A camera at the front door that shows a picture (uint8 [height, width, RGB]) for ever."""
    with av.open(str(path), "w") as clip:
        stream = clip.add_stream("libx264", rate=5)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        for _ in range(25):
            clip.mux(stream.encode(frame))
        clip.mux(stream.encode(None))
    return CameraConfig(id="door", source=str(path), place="Front door", loop=True)


@dataclass(frozen=True, slots=True)
class Shop:
    """A running gateway, what happens at its door, and the way to pair a phone."""

    gateway: Gateway

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gateway.doors.loopback_port}"

    async def vision_ready(self) -> None:
        """Wait until the vision process can judge photos."""
        vision = self.gateway.vision
        assert vision is not None, "this shop matches no faces"
        async with asyncio.timeout(2 * PATIENCE_MS / 1000):
            with self.gateway.feed.subscribe(None, None) as subscription:
                while vision.state is not VisionState.READY:
                    await subscription.next()

    async def join(self, profile: Profile, *, purchases: int = 0) -> Member:
        """A new member, with a purchase every three weeks, each dearer than the one before."""
        member = await self.gateway.members.create(COLLEAGUE, profile)
        bought = [
            Purchase(
                id=new_id(),
                member_id=member.id,
                item=GOODS[profile.language][index % 3][0],
                category=GOODS[profile.language][index % 3][1],
                amount=Decimal(210 - 15 * index),
                currency="EUR",
                bought_at=datetime.now(UTC) - timedelta(days=9 + 21 * index),
            )
            for index in range(purchases)
        ]

        def story(tx: Transaction) -> None:
            for purchase in bought:
                tx.purchases.add(purchase)

        await self.gateway.store.write(story)
        return member

    async def consented(self, profile: Profile, *, purchases: int = 0) -> Member:
        """A new member whose consent is on record, as if enrolled before."""
        member = await self.join(profile, purchases=purchases)
        consent = self._consent(member)
        await self.gateway.store.write(lambda tx: tx.consents.put(consent))
        return member

    def _consent(self, member: Member) -> Consent:
        config, consent_id, now = self.gateway.config, new_id(), datetime.now(UTC)
        privacy = msgspec.structs.replace(config.privacy, profile="demo")
        notice = write_notice(member.language, privacy, config.store)
        record = receipt(
            consent_id=consent_id,
            member_id=member.id,
            notice=notice,
            privacy=privacy,
            shop=config.store,
            recorded_by=COLLEAGUE.guide_name,
            given_at=now,
        )
        return Consent(
            id=consent_id,
            member_id=member.id,
            notice_version=notice.version,
            language=member.language,
            given_at=now,
            receipt=msgspec.to_builtins(record),
        )

    async def at_the_door(
        self, member: Member, camera_id: str = "Front door", bona_fide: float | None = None
    ) -> None:
        """A camera sees a face that is very much like this member's."""
        now = datetime.now(UTC)
        sighting = Sighting(
            camera_id=camera_id,
            track_id=new_id(),
            first_seen_at=now,
            seen_at=now,
            shots=3,
            quality=1.0,
            candidates=(Candidate(member_id=member.id, score=0.93),),
            bona_fide=bona_fide,
        )
        await self.gateway.arrivals.saw(sighting)

    def look_alike(self, one: Member, other: Member) -> None:
        """The gallery, searched against itself, finds these two alike."""
        self.gateway.memory.look_alikes.searched([(one.id, other.id)])

    async def invite(self, role: Role = Role.GUIDE, guide_name: str = "Mei") -> str:
        """A pairing code."""
        return (await self.gateway.pairing.invite(None, guide_name, role)).code


@asynccontextmanager
async def open_shop(config: Config, models_dir: Path) -> AsyncIterator[Shop]:
    """Run the gateway of a shop; ``models_dir`` is looked at where face matching is on."""
    async with gateway(config, models_dir) as running:
        yield Shop(running)


@dataclass(frozen=True, slots=True)
class Phone:
    """A browser of a phone's size, in a profile of its own."""

    page: Page

    async def pair(self, shop: Shop, role: Role = Role.GUIDE, guide_name: str = "Mei") -> None:
        """Scan an invitation and wait until the store is shown, and all that happens in it told."""
        await self.page.goto(f"{shop.url}/pair#{await shop.invite(role, guide_name)}")
        async with self.page.expect_websocket(lambda line: "/api/v1/feed" in line.url):
            await self.tap("Pair this phone")
        await self.sees("In store now")

    async def tap(self, name: str) -> None:
        """Press the one control with this accessible name."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def go(self, tab: str) -> None:
        """Choose a section of the navigation."""
        await self.page.locator("nav").get_by_role("button", name=tab, exact=True).click()

    async def sees(self, heading: str) -> None:
        """Wait until a screen with this heading is shown."""
        await expect(self.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()

    async def reads(self, text: str) -> None:
        """Wait until this text is shown."""
        await expect(self.page.get_by_text(text).filter(visible=True).first).to_be_visible()

    async def hears(self, text: str) -> None:
        """Wait until this was said in passing, by a note that is gone after a few seconds."""
        await was_told(self.page, text)


Pick = Callable[..., Awaitable[Phone]]
"""``await pick_up()`` opens another phone; ``locale``, ``dark`` and ``size`` may be given."""


async def phone(
    browser: Browser,
    *,
    locale: str = "en-GB",
    dark: bool = False,
    size: dict[str, int] | None = None,
    scale: float = 1,
) -> Phone:
    """A new phone of this browser. Motion is reduced: nothing waits for an animation."""
    width = (size or PHONE_SIZE)["width"]
    height = (size or PHONE_SIZE)["height"]
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        locale=locale,
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        has_touch=True,
        permissions=["camera"],
    )
    context.set_default_timeout(PATIENCE_MS)
    await context.add_init_script(NOTES_KEPT)
    return Phone(await context.new_page())
