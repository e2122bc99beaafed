"""Enrollment with consent: the signed receipt first, then photos, and the way back out.

A template exists only under an active consent, and so does a claim by face. The store is
written first and the gallery follows: where vision is away, it loads the store's templates
when it starts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
import structlog

from edge import contract
from edge.config import PrivacyConfig, StoreConfig
from edge.contract import EndedBy
from edge.domain import (
    Consent,
    Language,
    Member,
    MemberChanged,
    Session,
    VisitClosed,
    new_id,
)
from edge.errors import Conflict, FaceMatchingOff, MatchingRests, NotFound, VisionUnavailable
from edge.feed import Feed
from edge.flows.cards import GATEWAY
from edge.flows.gallery import Follower, Gallery
from edge.flows.look_alikes import LookAlikes
from edge.flows.matching_lease import MatchingLease
from edge.flows.photos import PhotoResult, Photos, active_consent
from edge.flows.records import envelope
from edge.flows.thresholds import CurrentThresholds
from edge.flows.withdrawals import Withdrawal, end_consent
from edge.rules.consent import expires_at, refusal
from edge.rules.matching_lease import WHY
from edge.rules.notice import Notice, write_notice
from edge.rules.receipt import canonical, receipt
from edge.store import Reader, Store, Transaction
from edge.vision.link import Judged

log = structlog.get_logger(__name__)

CAPTURE_TIMEOUT_S = 5.0


class Enrollment:
    """Consents, photos and withdrawals. ``gallery`` is None where face matching is off."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        gallery: Gallery | None,
        clock: Callable[[], datetime],
        *,
        privacy: PrivacyConfig,
        shop: StoreConfig,
        thresholds: CurrentThresholds,
        look_alikes: LookAlikes,
        lease: MatchingLease,
    ) -> None:
        self._store = store
        self._feed = feed
        self._gallery = gallery
        self._follower = Follower(store, gallery) if gallery is not None else None
        self._clock = clock
        self._privacy = privacy
        self._shop = shop
        self._photos = Photos(store, clock, thresholds, look_alikes)
        self._look_alikes = look_alikes
        self._lease = lease

    # --- consent ---------------------------------------------------------------------------

    def notice(self, language: Language) -> Notice:
        """The notice to read before consent. Raises ``FaceMatchingOff``."""
        self._demand_face_matching()
        return write_notice(language, self._privacy, self._shop)

    async def consent(
        self, guide: Session, member_id: str, *, language: Language, notice_version: str
    ) -> Consent:
        """Record a consent with its signed receipt, before any photo.

        Raises ``FaceMatchingOff``, ``NotFound``, and ``Conflict`` for a minor, for a notice
        that is not the present one, or where an older consent is in force. The same consent
        given again is returned as it is.
        """
        notice = self.notice(language)
        if notice_version != notice.version:
            raise Conflict("the notice has changed; let the member read it again")
        draft = self._draft(guide, member_id, notice)

        def story(tx: Transaction) -> tuple[Consent, bool]:
            why_not = refusal(_member(tx, member_id))
            if why_not is not None:
                raise Conflict(why_not)
            active = tx.consents.active_of(member_id)
            if active is not None:
                return _same(active, draft), False
            self._record_consent(tx, draft, guide)
            return draft, True

        consent, is_new = await self._store.write(story)
        if is_new:
            self._feed.publish(MemberChanged(member_id=member_id))
        return consent

    def _draft(self, guide: Session, member_id: str, notice: Notice) -> Consent:
        """The consent with its receipt, signed."""
        consent_id, now = new_id(), self._clock()
        record: dict[str, object] = msgspec.to_builtins(
            receipt(
                consent_id=consent_id,
                member_id=member_id,
                notice=notice,
                privacy=self._privacy,
                shop=self._shop,
                recorded_by=guide.guide_name,
                given_at=now,
            )
        )
        return Consent(
            id=consent_id,
            member_id=member_id,
            notice_version=notice.version,
            language=notice.language,
            given_at=now,
            receipt=record,
            signature=self._store.sign(canonical(record)),
        )

    def _record_consent(self, tx: Transaction, consent: Consent, guide: Session) -> None:
        tx.consents.put(consent)
        tx.audit.append(
            actor=guide.guide_name,
            action="consent_given",
            subject=consent.member_id,
            reason=f"consent {consent.id}, notice {consent.notice_version} ({consent.language})",
        )
        message = contract.ConsentGiven(
            consent_id=consent.id,
            member_id=consent.member_id,
            notice_version=consent.notice_version,
            language=consent.language,
            receipt=canonical(consent.receipt).decode(),
            signature=consent.signature,
            **envelope(self._shop.id, consent.given_at),
        )
        tx.outbox.put(message)

    async def consents(self, member_id: str) -> list[Consent]:
        """Every consent of a member, the newest first. Raises ``NotFound``."""

        def question(reader: Reader) -> list[Consent]:
            return reader.consents.of(_member(reader, member_id).id)

        return await self._store.read(question)

    async def get(self, consent_id: str) -> Consent:
        """One consent. Raises ``NotFound``."""
        return await self._store.read(lambda reader: _consent(reader, consent_id))

    # --- photos ----------------------------------------------------------------------------

    async def add_photo(self, guide: Session, consent_id: str, photo: bytes) -> PhotoResult:
        """Judge an encoded photo and keep its template.

        Raises ``FaceMatchingOff``, ``MatchingRests``, ``NotFound``, ``Conflict`` (the consent has
        ended, or has enough templates) and ``VisionUnavailable``.
        """
        gallery, consent = await self._ready(consent_id)
        return await self._keep(guide, consent, await gallery.judge(photo))

    async def add_door_photo(self, guide: Session, consent_id: str, camera_id: str) -> PhotoResult:
        """Let a camera take the photo while the member stands there; raises as above."""
        gallery, consent = await self._ready(consent_id)
        judged = await gallery.capture(camera_id, CAPTURE_TIMEOUT_S)
        return await self._keep(guide, consent, judged)

    async def _ready(self, consent_id: str) -> tuple[Gallery, Consent]:
        """Vision and the consent, before any photo is processed."""
        self._demand_face_matching()
        if self._lease.rests:
            raise MatchingRests(f"face matching rests: {WHY}")
        if self._gallery is None:
            raise VisionUnavailable("the camera service is not running; start it and try again")
        consent = await self._store.read(lambda reader: active_consent(reader, consent_id))
        return self._gallery, consent

    async def _keep(self, guide: Session, consent: Consent, judged: Judged) -> PhotoResult:
        result = await self._photos.keep(guide, consent, judged)
        if result.accepted:
            await self._follow(consent.member_id)
            self._feed.publish(MemberChanged(member_id=consent.member_id))
        return result

    # --- the way out -----------------------------------------------------------------------

    async def withdraw(self, guide: Session, consent_id: str) -> Withdrawal:
        """End a consent and erase its templates, whether vision is there or not.

        From the commit on no face claims this member. The same again returns the same proof.
        Raises ``NotFound``.
        """
        return await self._end(consent_id, actor=guide.guide_name, why="withdrawn by the member")

    async def end_retention(self) -> int:
        """Erase what has outlived its retention; returns how many consents ended."""
        now, months = self._clock(), self._privacy.retention_months

        def question(reader: Reader) -> list[str]:
            return [
                consent.id
                for consent in reader.consents.all_active()
                if expires_at(consent, _last_visit_at(reader, consent.member_id), months) <= now
            ]

        expired = await self._store.read(question)
        for consent_id in expired:
            await self._end(
                consent_id, actor=GATEWAY, why="outlived its retention", ended_by=EndedBy.RETENTION
            )
        return len(expired)

    async def _end(
        self, consent_id: str, *, actor: str, why: str, ended_by: EndedBy = EndedBy.MEMBER
    ) -> Withdrawal:
        now = self._clock()

        def story(tx: Transaction) -> Withdrawal:
            consent = _consent(tx, consent_id)
            return end_consent(
                tx,
                consent,
                actor=actor,
                why=why,
                store_id=self._shop.id,
                now=now,
                ended_by=ended_by,
            )

        withdrawal = await self._store.write(story)
        await self.forget(withdrawal)
        return withdrawal

    async def forget(self, withdrawal: Withdrawal) -> None:
        """Let the phones and the gallery follow a consent that has ended."""
        member_id = withdrawal.consent.member_id
        for visit_id in withdrawal.closed_visits:
            self._feed.publish(VisitClosed(visit_id=visit_id))
        self._feed.publish(MemberChanged(member_id=member_id))
        self._look_alikes.forget(member_id)
        await self._follow(member_id)
        log.info("face_forgotten", member_id=member_id)

    async def _follow(self, member_id: str) -> None:
        if self._follower is not None:
            await self._follower.follow(member_id)

    def _demand_face_matching(self) -> None:
        why_off = self._privacy.why_off()
        if why_off is not None:
            raise FaceMatchingOff(f"face matching is off: {why_off}")


def _member(reader: Reader, member_id: str) -> Member:
    member = reader.members.get(member_id)
    if member is None:
        raise NotFound("there is no such member; search again")
    return member


def _consent(reader: Reader, consent_id: str) -> Consent:
    consent = reader.consents.get(consent_id)
    if consent is None:
        raise NotFound("there is no such consent; open the member's card again")
    return consent


def _same(active: Consent, draft: Consent) -> Consent:
    """The consent in force, if it is to the same text; a phone may ask twice."""
    if (active.notice_version, active.language) != (draft.notice_version, draft.language):
        raise Conflict("an earlier consent is in force; withdraw it before giving a new one")
    return active


def _last_visit_at(reader: Reader, member_id: str) -> datetime | None:
    """When the member was last here; what a guide refused was not them."""
    days = reader.visits.days(member_id)
    return days[-1] if days else None
