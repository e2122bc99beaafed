"""Members and their cards. Each view of a card is written to the audit log."""

from __future__ import annotations

from edge.clienteling_api import mapping, qr, wire
from edge.clienteling_api.parts import Parts
from edge.clienteling_api.requests import (
    CardCodeQuery,
    CardQuery,
    Id,
    MemberPatch,
    MemberRequest,
    NoteRequest,
    SearchQuery,
)
from edge.domain import Session
from edge.rules.member_card import CardKind


async def search_members(parts: Parts, guide: Session, query: SearchQuery) -> wire.MemberList:
    """Find members by name, card number or phone number; 20 at most.

    Part of a name, the beginning of a card number, the last four or more digits of a phone
    number.
    """
    return mapping.member_list(await parts.members.search(guide, query.q))


async def create_member(parts: Parts, guide: Session, body: MemberRequest) -> wire.Card:
    """Add a member."""
    member = await parts.members.create(guide, mapping.profile(body))
    return mapping.card(await parts.members.card(guide, member.id, "enrollment"))


async def get_card(parts: Parts, guide: Session, member_id: Id, query: CardQuery) -> wire.Card:
    """Open a member's card; the reason goes to the audit log."""
    return mapping.card(await parts.members.card(guide, member_id, query.reason))


async def edit_member(parts: Parts, guide: Session, member_id: Id, body: MemberPatch) -> wire.Card:
    """Change fields of a member; what is left out stays."""
    await parts.members.edit(guide, member_id, **mapping.changes(body))
    return mapping.card(await parts.members.card(guide, member_id, "request"))


async def add_note(parts: Parts, guide: Session, member_id: Id, body: NoteRequest) -> wire.Card:
    """Write a remark on a member's card."""
    await parts.members.note(guide, member_id, body.text)
    return mapping.card(await parts.members.card(guide, member_id, "request"))


async def card_code(
    parts: Parts, guide: Session, member_id: Id, query: CardCodeQuery
) -> wire.CardCodeView:
    """Make the code of a member's card, to show or to print; audited."""
    code = await parts.members.card_code(guide, member_id, CardKind[query.kind.upper()])
    return wire.CardCodeView(text=code.text, qr_svg=qr.svg(code.text), turns_at=code.turns_at)


async def void_cards(parts: Parts, guide: Session, member_id: Id) -> None:
    """Void every printed card of a member made so far, because one was lost."""
    await parts.members.void_cards(guide, member_id)


async def who_looked(parts: Parts, guide: Session, member_id: Id) -> wire.AuditList:
    """Who looked at this card, when and why: the member may know."""
    return mapping.audit_list(await parts.members.who_looked(guide, member_id))


async def list_guards(parts: Parts, guide: Session) -> wire.GuardList:
    """Every guard that a "not them" has set, the newest first.

    A guarded member needs more likeness at the door until the guard ends.
    """
    return mapping.guard_list(await parts.guards.all(guide))


async def remove_guard(parts: Parts, guide: Session, guard_id: Id) -> None:
    """Remove a guard: the door decides as before the "not them"."""
    await parts.guards.remove(guide, guard_id)
