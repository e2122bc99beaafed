"""The demo's regulars come in: members, their past, their consent and their photos.

All of it by the flows that a real shop uses. It takes up where an earlier start was
interrupted, and leaves alone what people have changed since: a member who withdrew in the
demo stays withdrawn.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Protocol

from edge.demo.figure import Portrait
from edge.demo.people import enrollment_photos
from edge.demo.profiles import GUIDE, REGULARS, Regular
from edge.demo.store import DemoShop, Report
from edge.domain import Consent, Member, Role, Session, VisionState
from edge.errors import VisionUnavailable
from edge.feed import Feed
from edge.flows.enrollment import Enrollment
from edge.flows.members import Members
from edge.store import Store, Transaction
from edge.vision.client import Vision

READY_S = 60.0


class Open(Protocol):
    """What the demo needs of a running gateway."""

    @property
    def store(self) -> Store: ...
    @property
    def feed(self) -> Feed: ...
    @property
    def vision(self) -> Vision | None: ...
    @property
    def members(self) -> Members: ...
    @property
    def enrollment(self) -> Enrollment: ...


async def populate(shop: Open, demo: DemoShop, progress: Report) -> None:
    """Bring the regulars in: profile, history, consent, photos. Waits for vision.

    Raises ``VisionUnavailable`` where vision does not become ready within ``READY_S``.
    """
    now = datetime.now(UTC)
    guide = Session(
        id="demo-guide",
        guide_name=GUIDE,
        role=Role.GUIDE,
        device="demo",
        token_hash="",
        paired_at=now,
        last_used_at=now,
    )
    await _vision_ready(shop)
    for index, regular in enumerate(REGULARS):
        progress("Enrolling the regulars", index, len(REGULARS))
        member = await _joined(shop, guide, regular)
        await _remember(shop, member, regular, now)
        await _enroll(shop, guide, member, demo.portraits[regular.person])
    progress("Enrolling the regulars", len(REGULARS), len(REGULARS))


async def _joined(shop: Open, guide: Session, regular: Regular) -> Member:
    card_number = regular.profile.card_number or ""
    known = await shop.store.read(lambda reader: reader.members.by_card(card_number))
    return known or await shop.members.create(guide, regular.profile)


async def _remember(shop: Open, member: Member, regular: Regular, now: datetime) -> None:
    """Give a member a past, whole or not at all."""

    def story(tx: Transaction) -> None:
        if tx.purchases.of(member.id, limit=1):
            return
        for purchase in regular.purchases(member.id, now):
            tx.purchases.add(purchase)
        for visit in regular.visits(member.id, now):
            tx.visits.put(visit)
        tx.notes.add(regular.remark(member.id, now))

    await shop.store.write(story)


async def _enroll(shop: Open, guide: Session, member: Member, portrait: Portrait) -> None:
    """Consent first, then the photos that are still missing."""
    consent = await _consent(shop, guide, member)
    photos = enrollment_photos(portrait)
    kept = await shop.store.read(lambda reader: reader.templates.count_of(member.id))
    if consent is not None:
        for photo in photos[kept:]:
            await shop.enrollment.add_photo(guide, consent.id, photo)


async def _consent(shop: Open, guide: Session, member: Member) -> Consent | None:
    """The member's consent, given now if there never was one; None after a withdrawal."""
    given = await shop.enrollment.consents(member.id)
    if given:
        return given[0] if given[0].active else None
    version = shop.enrollment.notice(member.language).version
    return await shop.enrollment.consent(
        guide, member.id, language=member.language, notice_version=version
    )


async def _vision_ready(shop: Open) -> None:
    try:
        async with asyncio.timeout(READY_S):
            with shop.feed.subscribe(None, None) as news:
                while shop.vision is None or shop.vision.state is not VisionState.READY:
                    await news.next()
    except TimeoutError as error:
        raise VisionUnavailable("vision does not start; look at the lines above") from error
