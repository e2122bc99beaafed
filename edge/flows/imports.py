"""Importing members from a file: what is refused is said line by line, the rest is taken.

A member is known by card number or phone, so the same file imported twice changes nothing
more; what a line leaves out stays as it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from edge.domain import Member, Purchase
from edge.errors import BadRequest, Conflict
from edge.flows.import_lines import MEMBERS, MemberLine, PurchaseLine
from edge.flows.importing import ImportStep, Note, Outcome, Taken, import_records
from edge.flows.lines import RefusedLine
from edge.flows.member_messages import member_changed
from edge.flows.profiles import checked, merge, save
from edge.rules.profile import Profile, normalise_phone
from edge.store import Store, Transaction


def import_file(
    store: Store, path: Path, clock: Callable[[], datetime], *, store_id: str
) -> AsyncIterator[ImportStep]:
    """Import a ``.csv`` or ``.jsonl`` file of members; see ``import_records``."""
    return import_records(
        store,
        path,
        MEMBERS,
        lambda tx, line, record: _take(tx, line, record, store_id, clock()),
        Note(action="members_imported", what="members", store_id=store_id),
    )


def _take(tx: Transaction, line: int, record: MemberLine, store_id: str, now: datetime) -> Outcome:
    try:
        before = _known(tx, record)
        profile = checked(_merged(before, record))
        member = merge(before, profile, now)
        _check_purchases(tx, member, record)
        changed = before is None or member != replace(before, updated_at=now)
        if changed:
            save(tx, member)
            tx.outbox.put(member_changed(before, member, store_id=store_id, now=now))
    except BadRequest as error:
        return RefusedLine(line=line, reason=f"{error.field}: {error.message}")
    except Conflict as error:
        return RefusedLine(line=line, reason=error.message)
    for purchase in record.purchases:
        tx.purchases.add(_purchase(member.id, purchase))
    if before is None:
        return Taken.CREATED
    return Taken.UPDATED if changed else Taken.UNCHANGED


def _check_purchases(tx: Transaction, member: Member, record: MemberLine) -> None:
    """Raises ``BadRequest`` where a purchase stands on another member's card already."""
    for line in record.purchases:
        known = tx.purchases.get(line.id)
        if known is not None and known.member_id != member.id:
            raise BadRequest(
                f"{line.id} is another member's; give it its own id", field="purchases"
            )


def _known(tx: Transaction, record: MemberLine) -> Member | None:
    """The member whom card or phone number name already.

    Raises ``BadRequest`` where neither is given (the line would make another member each
    time), or where they name two members.
    """
    card, phone = (record.card_number or "").strip(), normalise_phone(record.phone or "")
    if not card and phone is None:
        raise BadRequest("needs a card number or a phone number", field="card_number")
    by_card = tx.members.by_card(card) if card else None
    by_phone = tx.members.by_phone(phone) if phone else None
    if by_card and by_phone and by_card.id != by_phone.id:
        raise BadRequest("belongs to another member than the card number", field="phone")
    return by_card or by_phone


def _merged(before: Member | None, record: MemberLine) -> Profile:
    """The member's profile with what the line says about it."""
    profile = Profile(name=record.name) if before is None else Profile.of(before)
    said = {name: getattr(record, name) for name in Profile.__dataclass_fields__}
    return replace(profile, **{name: value for name, value in said.items() if value is not None})


def _purchase(member_id: str, line: PurchaseLine) -> Purchase:
    return Purchase(
        id=line.id,
        member_id=member_id,
        item=line.item,
        category=line.category,
        amount=line.amount,
        currency=line.currency,
        bought_at=line.bought_at,
    )
