"""How a profile becomes a member, for the guide's form and the import alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from edge.domain import Member, new_id
from edge.errors import BadRequest, Conflict
from edge.rules.consent import refusal
from edge.rules.profile import Flaw, Profile, tidy
from edge.store import Transaction


def checked(profile: Profile) -> Profile:
    """The profile in its one spelling. Raises ``BadRequest`` naming the field."""
    tidied = tidy(profile)
    if isinstance(tidied, Flaw):
        raise BadRequest(tidied.message, field=tidied.field)
    return tidied


def merge(member: Member | None, profile: Profile, now: datetime) -> Member:
    """The member with this profile: a new one, or the same with it."""
    fields = {name: getattr(profile, name) for name in Profile.__dataclass_fields__}
    if member is None:
        return Member(id=new_id(), joined_at=now, updated_at=now, **fields)
    return replace(member, updated_at=now, **fields)


def save(tx: Transaction, member: Member) -> None:
    """Write a member.

    Raises ``Conflict`` where another has the card or phone number, or where the new age band
    does not allow the consent that is in force.
    """
    if refusal(member) is not None and tx.consents.active_of(member.id) is not None:
        raise Conflict(
            "this member is recognised by face, which is not for people under 18; "
            "withdraw that consent first",
            field="age_band",
        )
    tx.members.put(member)
