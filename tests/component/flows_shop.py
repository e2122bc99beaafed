"""A shop without cameras: the real store, feed and flows, and vision's end played by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from component.store_values import START, Clock, a_vector

from edge.config import ControllerConfig, PrivacyConfig, StoreConfig
from edge.domain import (
    Candidate,
    Consent,
    Event,
    Language,
    Member,
    PhotoFault,
    Probe,
    Role,
    Session,
    Sighting,
    Template,
    Transport,
    Visit,
    VisitChanged,
    VisitClosed,
    VisitOpened,
)
from edge.errors import VisionUnavailable
from edge.feed import Feed
from edge.flows.answers import Answers
from edge.flows.arrivals import Arrivals
from edge.flows.attacks import Attacks
from edge.flows.enrollment import Enrollment
from edge.flows.guards import Guards
from edge.flows.headquarters import Headquarters
from edge.flows.matching_lease import MatchingLease
from edge.flows.members import Members
from edge.flows.memory import Memory
from edge.flows.thresholds import CurrentThresholds
from edge.metrics import Metrics
from edge.rules.identity import Thresholds
from edge.rules.profile import Profile
from edge.store import Store
from edge.vision.link import Judged

PLACES = {"door": "Front door", "back": "Back door"}
THRESHOLDS = Thresholds(score=0.47, margin=0.04)
ABSENCE_S = 600
SHOP = StoreConfig(id="lyon-1", name="Maison Lyon", timezone="Europe/Paris")
PRIVACY = PrivacyConfig(
    profile="demo",
    controller=ControllerConfig(name="Maison SARL", address="Lyon", contact="a@b.example"),
)
GUIDE = Session(
    id="guide-session",
    guide_name="Ana",
    role=Role.GUIDE,
    device="phone",
    token_hash="",
    paired_at=START,
    last_used_at=START,
)
MANAGER = Session(
    id="manager-session",
    guide_name="Bo",
    role=Role.MANAGER,
    device="phone",
    token_hash="",
    paired_at=START,
    last_used_at=START,
)


class FakeGallery:
    """Vision's end: remembers templates, judges every photo as it was told."""

    def __init__(self) -> None:
        self.templates: dict[str, dict[str, Template]] = {}
        self.away = False
        self.photos: list[bytes] = []
        self.judged = usable()
        self.judging = asyncio.Event()
        self.may_judge = asyncio.Event()
        self.may_judge.set()
        self.adding = asyncio.Event()
        self.may_add = asyncio.Event()
        self.may_add.set()

    async def add(self, templates: list[Template]) -> None:
        self._demand()
        self.adding.set()
        await self.may_add.wait()
        for template in templates:
            self.templates.setdefault(template.member_id, {})[template.id] = template

    async def remove(self, member_id: str) -> None:
        self._demand()
        self.templates.pop(member_id, None)

    async def judge(self, photo: bytes) -> Judged:
        self._demand()
        self.photos.append(photo)
        self.judging.set()
        await self.may_judge.wait()
        return self.judged

    async def capture(self, camera_id: str, timeout_s: float) -> Judged:
        return await self.judge(camera_id.encode())

    def _demand(self) -> None:
        if self.away:
            raise VisionUnavailable("vision is being restarted")


def usable(seed: int = 1, **resembles: float) -> Judged:
    """A photo that can be used, of the person ``seed``, with members it resembles."""
    candidates = [Candidate(member_id=m, score=score) for m, score in resembles.items()]
    probe = Probe(model="sface", vector=a_vector(seed), quality=0.9)
    return Judged(request_id=0, probe=probe, candidates=candidates)


def unusable(fault: PhotoFault) -> Judged:
    return Judged(request_id=0, fault=fault)


@dataclass
class Shop:
    """The parts that a test talks to, and everything the phones heard."""

    store: Store
    clock: Clock
    gallery: FakeGallery
    feed: Feed = field(default_factory=Feed)
    privacy: PrivacyConfig = PRIVACY
    metrics: Metrics = field(default_factory=Metrics)
    thresholds: Thresholds = THRESHOLDS
    has_headquarters: bool = False
    config: StoreConfig = SHOP

    def __post_init__(self) -> None:
        self.memory = Memory()
        self.lease = MatchingLease(
            self.store,
            self.clock,
            applies=self.has_headquarters,
            monotonic=self.clock.ran_s,
        )
        self.headquarters = Headquarters(
            self.store,
            self.feed,
            self.clock,
            transport=Transport.HTTPS if self.has_headquarters else None,
            lease=self.lease,
        )
        self.guards = Guards(self.store, self.feed, self.clock, look_alikes=self.memory.look_alikes)
        self.enrollment = Enrollment(
            self.store,
            self.feed,
            self.gallery,
            self.clock,
            privacy=self.privacy,
            shop=self.config,
            thresholds=CurrentThresholds(THRESHOLDS),
            look_alikes=self.memory.look_alikes,
            lease=self.lease,
        )
        self.members = Members(
            self.store,
            self.feed,
            self.clock,
            shop=self.config,
            look_alikes=self.memory.look_alikes,
        )
        self.arrivals = self._arrivals()
        self.answers = Answers(
            self.store,
            self.feed,
            self.clock,
            shop=self.config,
            memory=self.memory,
        )

    def restarted_arrivals(self) -> Arrivals:
        """Arrivals as they are after a restart: what was in memory is gone."""
        self.memory = Memory()
        return self._arrivals()

    def _arrivals(self) -> Arrivals:
        return Arrivals(
            self.store,
            self.feed,
            self.clock,
            thresholds=CurrentThresholds(self.thresholds),
            absence_s=ABSENCE_S,
            places=PLACES,
            shop=self.config,
            metrics=self.metrics,
            guards=self.guards,
            memory=self.memory,
            attacks=Attacks(
                self.store, self.feed, self.clock, places=PLACES, store_id=self.config.id
            ),
            lease=self.lease,
        )

    async def heard(self) -> list[Event]:
        """Every event since the start, in order."""
        with self.feed.subscribe(self.feed.epoch, 0) as subscription:
            return [(await subscription.next()).event for _ in range(self.feed.sequence)]

    async def member(self, name: str = "Ana", card: str | None = None) -> Member:
        return await self.members.create(GUIDE, Profile(name=name, card_number=card))

    async def consent(self, member: Member) -> Consent:
        notice = self.enrollment.notice(Language.ENGLISH)
        return await self.enrollment.consent(
            GUIDE, member.id, language=Language.ENGLISH, notice_version=notice.version
        )

    async def enrolled(self, name: str = "Ana") -> tuple[Member, Consent]:
        """A member with consent and one photo."""
        member = await self.member(name)
        consent = await self.consent(member)
        result = await self.enrollment.add_photo(GUIDE, consent.id, b"photo")
        assert result.accepted
        return member, consent

    def sighting(
        self,
        member: Member,
        score: float = 0.7,
        *,
        track: str = "t1",
        camera: str = "door",
        at: datetime | None = None,
        bona_fide: float | None = None,
    ) -> Sighting:
        seen_at = at or self.clock()
        return Sighting(
            camera_id=camera,
            track_id=track,
            first_seen_at=seen_at - timedelta(seconds=1),
            seen_at=seen_at,
            shots=3,
            quality=1.0,
            candidates=(Candidate(member_id=member.id, score=score),),
            bona_fide=bona_fide,
        )


@asynccontextmanager
async def open_shop(
    state_dir: Path,
    *,
    config: StoreConfig = SHOP,
    clock: Clock | None = None,
    has_headquarters: bool = False,
    **privacy: object,
) -> AsyncIterator[Shop]:
    """A shop, new or as it was left there; ``privacy`` changes its conditions."""
    clock = clock or Clock()
    async with Store.open(state_dir, clock) as store:
        conditions = msgspec.structs.replace(PRIVACY, **privacy)
        shop = Shop(
            store=store,
            clock=clock,
            gallery=FakeGallery(),
            privacy=conditions,
            has_headquarters=has_headquarters,
            config=config,
        )
        await shop.headquarters.load()
        yield shop


async def visits_of(shop: Shop, member: Member) -> list[Visit]:
    """The newest first."""
    return await shop.store.read(lambda reader: reader.visits.of(member.id, 100))


async def visit_events(shop: Shop) -> list[VisitOpened | VisitChanged | VisitClosed]:
    kinds = (VisitOpened, VisitChanged, VisitClosed)
    return [event for event in await shop.heard() if isinstance(event, kinds)]
