"""A member as a message to headquarters, and back."""

from __future__ import annotations

from datetime import datetime

import msgspec

from edge import contract
from edge.domain import Member
from edge.flows.records import envelope
from edge.rules.profile import Profile


def member_changed(
    before: Member | None, after: Member, *, store_id: str, now: datetime
) -> contract.MemberChanged:
    """What an edit touched; of a new member, every field."""
    was, is_ = _plain(before) if before else {}, _plain(after)
    touched = {name: value for name, value in is_.items() if before is None or was[name] != value}
    return contract.MemberChanged(
        member_id=after.id,
        profile=msgspec.convert(touched, contract.Profile),
        joined_at=after.joined_at,
        **envelope(store_id, now),
    )


def profile_of(profile: contract.Profile) -> Profile:
    """A profile from the wire; fields that it does not set are as of a new member."""
    return msgspec.convert({"name": "", **msgspec.to_builtins(profile)}, Profile)


def _plain(member: Member) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(Profile.of(member))
    return plain
