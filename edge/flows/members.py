"""Membership: find, create, edit, note and open cards, each view with its audit entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypedDict, Unpack
from zoneinfo import ZoneInfo

from edge.config import StoreConfig
from edge.domain import (
    AgeBand,
    AuditEntry,
    CardSummary,
    GuardDetails,
    Language,
    Member,
    MemberChanged,
    Note,
    Purchase,
    Session,
    Size,
    VisitDetails,
    new_id,
)
from edge.errors import BadRequest, NotFound
from edge.feed import Feed
from edge.flows.cards import SHOWN, VIEWED, face_enrolled, likenesses, summary_of, visit_details
from edge.flows.guards import guard_details
from edge.flows.look_alikes import LookAlikes
from edge.flows.member_messages import member_changed
from edge.flows.profiles import checked, merge, save
from edge.rules import member_card
from edge.rules.member_card import CardKind
from edge.rules.profile import NOTE_MAX, Profile, tidy_text
from edge.store import Reader, Store, Transaction

SEARCH_MAX = 20
PURCHASES_ON_CARD = 50
ENTRIES_SHOWN = 500

Reason = Literal["visit", "search", "enrollment", "request"]


class ProfileChanges(TypedDict, total=False):
    """Fields of a member to change; what is left out stays."""

    name: str
    card_number: str | None
    phone: str | None
    language: Language
    age_band: AgeBand | None
    sizes: tuple[Size, ...]
    preferences: tuple[str, ...]
    do_not_disturb: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A member in a list."""

    member: Member
    face_enrolled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """The whole member card."""

    member: Member
    summary: CardSummary
    purchases: tuple[Purchase, ...]
    notes: tuple[Note, ...]
    open_visit: VisitDetails | None
    consent_id: str | None
    templates: int
    look_alikes: tuple[Found, ...]
    guards: tuple[GuardDetails, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCode:
    """A card's code. ``turns_at`` is when the next one should be shown; None for a printed one."""

    text: str
    turns_at: datetime | None


class Members:
    """Membership as guides see it and change it."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        clock: Callable[[], datetime],
        *,
        shop: StoreConfig,
        look_alikes: LookAlikes,
    ) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._shop = shop
        self._tz = ZoneInfo(shop.timezone)
        self._look_alikes = look_alikes

    async def search(self, guide: Session, text: str) -> list[Found]:
        """Members by part of the name, beginning of the card number or end of the phone
        number (four digits); at most 20. The search is audited, its text is not kept.
        """

        def story(tx: Transaction) -> list[Found]:
            rows = [_found(tx, member) for member in tx.members.search(text, SEARCH_MAX)]
            tx.audit.append(
                actor=guide.guide_name,
                action="members_searched",
                subject=guide.id,
                reason=f"{len(rows)} found",
            )
            return rows

        return await self._store.write(story)

    async def create(self, guide: Session, profile: Profile) -> Member:
        """A new member. Raises ``BadRequest`` naming the field, ``Conflict`` if taken."""
        now = self._clock()
        tidied = checked(profile)

        def story(tx: Transaction) -> Member:
            member = merge(None, tidied, now)
            self._record(tx, None, member, guide, "member_created", now)
            return member

        return await self._written(story)

    async def edit(
        self, guide: Session, member_id: str, **changes: Unpack[ProfileChanges]
    ) -> Member:
        """Change fields. Raises ``NotFound``, ``BadRequest``, ``Conflict``."""
        now = self._clock()

        def story(tx: Transaction) -> Member:
            before = _member(tx, member_id)
            member = merge(before, checked(replace(Profile.of(before), **changes)), now)
            if member == replace(before, updated_at=now):
                return before
            self._record(tx, before, member, guide, "member_edited", now)
            return member

        return await self._written(story)

    async def note(self, guide: Session, member_id: str, text: str) -> Note:
        """Write a remark on the card. Raises ``NotFound``, ``BadRequest``."""
        plain = tidy_text(text, NOTE_MAX, lines=True)
        if plain is None:
            raise BadRequest(f"a note has 1 to {NOTE_MAX} visible characters", field="text")
        note = Note(
            id=new_id(),
            member_id=member_id,
            text=plain,
            author=guide.guide_name,
            written_at=self._clock(),
        )

        def story(tx: Transaction) -> Note:
            written = replace(note, member_id=_member(tx, member_id).id)
            tx.notes.add(written)
            tx.audit.append(
                actor=guide.guide_name,
                action="note_written",
                subject=written.member_id,
                reason=f"note {note.id}",
            )
            return written

        written = await self._store.write(story)
        self._feed.publish(MemberChanged(member_id=written.member_id))
        return written

    async def card(self, guide: Session, member_id: str, reason: Reason) -> CardView:
        """Open the card, audited in the same transaction. Raises ``NotFound``."""
        now = self._clock()

        def story(tx: Transaction) -> CardView:
            card = self._card(tx, _member(tx, member_id), now)
            tx.audit.append(actor=guide.guide_name, action=VIEWED, subject=member_id, reason=reason)
            return card

        return await self._store.write(story)

    async def card_code(self, guide: Session, member_id: str, kind: CardKind) -> CardCode:
        """The code of a member's card, to show or to print. Audited, because whoever shows it
        stands for the member. Raises ``NotFound``.
        """
        now = self._clock()

        def story(tx: Transaction) -> str:
            _member(tx, member_id)
            tx.audit.append(
                actor=guide.guide_name,
                action="card_code_made",
                subject=member_id,
                reason=kind.name.lower(),
            )
            key = member_card.member_key(tx.code_keys.cards(), member_id)
            return member_card.encode(key, kind, member_id, now)

        text = await self._store.write(story)
        turns_at = member_card.turns_at(now) if kind is CardKind.SHOWN else None
        return CardCode(text=text, turns_at=turns_at)

    async def void_cards(self, guide: Session, member_id: str) -> None:
        """Every printed card of a member made so far is void. Raises ``NotFound``."""
        now = self._clock()

        def story(tx: Transaction) -> None:
            _member(tx, member_id)
            tx.vouchers.revoke_again("card", member_id, now)
            tx.audit.append(
                actor=guide.guide_name,
                action="cards_voided",
                subject=member_id,
                reason="lost or replaced",
            )

        await self._store.write(story)

    async def who_looked(self, guide: Session, member_id: str) -> list[AuditEntry]:
        """Who saw this card, when and why, the newest first. Raises ``NotFound``.

        It is the member's own question; a guide who reads it out leaves an entry too.
        """

        def story(tx: Transaction) -> list[AuditEntry]:
            member = _member(tx, member_id)
            ids = [member.id, *tx.merging.losers_of(member.id)]
            entries = [entry for each in ids for entry in tx.audit.of(each, ENTRIES_SHOWN)]
            entries.sort(key=lambda entry: entry.sequence, reverse=True)
            tx.audit.append(
                actor=guide.guide_name,
                action="audit_read",
                subject=member_id,
                reason="who looked at this card",
            )
            return [entry for entry in entries if entry.action in (SHOWN, VIEWED)]

        return await self._store.write(story)

    def _card(self, reader: Reader, member: Member, now: datetime) -> CardView:
        visit = reader.visits.open_of(member.id)
        consent = reader.consents.active_of(member.id)
        alike = self._look_alikes
        others = likenesses(reader, member.id, now, alike)
        guards = guard_details(reader, reader.guards.of(member.id), now)
        return CardView(
            member=member,
            summary=summary_of(reader, member.id, now, self._tz),
            purchases=tuple(reader.purchases.of(member.id, limit=PURCHASES_ON_CARD)),
            notes=tuple(reader.notes.of(member.id)),
            open_visit=visit_details(reader, visit, now, self._tz, alike) if visit else None,
            consent_id=consent.id if consent else None,
            templates=reader.templates.count_of(member.id),
            look_alikes=tuple(_found(reader, other) for other in others),
            guards=tuple(guards),
        )

    async def _written(self, story: Callable[[Transaction], Member]) -> Member:
        member = await self._store.write(story)
        self._feed.publish(MemberChanged(member_id=member.id))
        return member

    def _record(
        self,
        tx: Transaction,
        before: Member | None,
        member: Member,
        guide: Session,
        action: str,
        now: datetime,
    ) -> None:
        save(tx, member)
        tx.outbox.put(member_changed(before, member, store_id=self._shop.id, now=now))
        tx.audit.append(actor=guide.guide_name, action=action, subject=member.id, reason="by hand")


def _member(reader: Reader, member_id: str) -> Member:
    member = reader.members.get(member_id)
    if member is None:
        raise NotFound("there is no such member; search again")
    return member


def _found(reader: Reader, member: Member) -> Found:
    return Found(member=member, face_enrolled=face_enrolled(reader, member.id))
