"""What the flows share and a restart forgets. None of it is ever written down."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.flows.claims import Claims
from edge.flows.last_seen import LastSeen
from edge.flows.look_alikes import LookAlikes
from edge.flows.member_codes import MemberCodes
from edge.flows.refusals import Refusals


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """One for each gateway, handed to every flow that takes part in a visit or a redemption."""

    claims: Claims = field(default_factory=Claims)
    refusals: Refusals = field(default_factory=Refusals)
    last_seen: LastSeen = field(default_factory=LastSeen)
    look_alikes: LookAlikes = field(default_factory=LookAlikes)
    member_codes: MemberCodes = field(default_factory=MemberCodes)
