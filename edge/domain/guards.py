"""What the gateway learnt from a guide's "not them"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from edge.domain.members import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A member is to be named with more care, because the door once named them wrongly.

    ``member_id`` was named. ``other_id`` is the member that it really was; None where it was
    nobody who is enrolled. Nothing is kept of the face that was taken for the member.
    """

    id: str
    member_id: str
    other_id: str | None = None
    set_by: str
    set_at: datetime
    ends_at: datetime

    def beside(self, member_id: str) -> str | None:
        """The other member of a pair, seen from this one; None for a guard on one alone."""
        return self.member_id if self.other_id == member_id else self.other_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardDetails:
    """A guard with the members that it is about."""

    guard: Guard
    member: Member
    other: Member | None
