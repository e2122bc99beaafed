"""What the doctor finds of this machine, for a manager."""

from __future__ import annotations

from edge.clienteling_api.parts import Parts
from edge.domain import Session
from edge.rules.checkup import CheckUp


async def get_checkup(parts: Parts, guide: Session) -> CheckUp:
    """What the doctor finds of this machine, and what to do; looked at anew once a minute."""
    return await parts.doctor.last()
